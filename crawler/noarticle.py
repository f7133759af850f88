"""What pages that are no articles call themselves: not found, challenge, consent, maintenance, login, in many languages. Pure.

Only a whole headline counts, for articles quote such words.
"""

from __future__ import annotations

import re

_NOT_FOUND = (
    r"(?:the |this |die |diese |la )?(?:requested )?(?:page|seite|página|sayfa|страница)?\s*(?:was |wurde |cannot be |could not be |no |não |не )?"
    r"(?:not found|found|nicht gefunden|no encontrada|encontrada|bulunamadı|introuvable|найдена|has expired|expired)",
    # as the pages of DW's other languages may say it; drafts, to be corrected by whoever reads them
    r"pagina non trovata|page non trouvée|no se encontró la página|nie znaleziono strony|strona nie została znaleziona",
    r"pagina nu a fost găsită|stranica nije pronađena|страница није пронађена|страницата не е (?:намерена|пронајдена)",
    r"сторінку не знайдено|сторінка не знайдена|η σελίδα δεν βρέθηκε|faqja nuk u gjet|halaman tidak ditemukan",
    r"ukurasa haukupatikana|الصفحة غير موجودة|لم يتم العثور على الصفحة|صفحه (?:یافت|پیدا) نشد|صفحہ نہیں ملا",
    r"(?:पृष्ठ|पेज) नहीं मिला|পৃষ্ঠা পাওয়া যায়নি|(?:您访问的)?页面(?:不存在|未找到)|找不到(?:该)?(?:页面|网页)",
)
_REFUSED = (
    r"error|forbidden|unauthorized|access (?:to this page has been )?denied|zugriff verweigert|too many requests",
    r"just a moment(?:\.\.\.|…)?|attention required!?|checking your browser.{0,60}|one more step|ddos-guard",
    r"verify(?:ing)? (?:that )?you are (?:a )?human.{0,40}|are you a robot\??|pardon our interruption(?:\.\.\.|…)?",
)
_OUT_OF_ORDER = (
    r"(?:service|site|website) (?:temporarily )?unavailable|bad gateway|gateway time-?out|internal server error",
    r"(?:site |scheduled )?maintenance|wartungsarbeiten|wartungsmodus|(?:we'll|we will|we’ll) be (?:right |)back.{0,20}",
)
_FIRST_AGREE = (
    r"before you continue.{0,40}|bevor sie fortfahren.{0,40}|your privacy choices|privatsphäre-einstellungen",
    r"datenschutzeinstellungen|cookie.{0,3}(?:einstellungen|settings|consent)|mit werbung weiterlesen",
    r"log ?in|sign in|anmelden|bitte (?:melden sie sich|anmelden).{0,30}",
)
_WORDS = "|".join((*_NOT_FOUND, *_REFUSED, *_OUT_OF_ORDER, *_FIRST_AGREE))
_NO_ARTICLE = re.compile(rf"(?:error|fehler|erreur)?\s*(?:[45]\d\d)?\s*[-:|]?\s*(?:{_WORDS})?", re.IGNORECASE)


def no_article(headline: str) -> bool:
    """Whether this is what a page calls itself that stands in an article's place."""
    return _NO_ARTICLE.fullmatch(headline) is not None
