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
_WAITING = (  # walls before a page, in the languages of those who meet them; drafts but for German and English
    r"(?:(?:nur )?einen moment|un (?:momento|instant|attimo)|só um momento|один момент|bir dakika|chwileczkę)(?:,? (?:bitte|por favor|s'il vous plaît|lütfen))?[ .…!]*",
    r"لحظة من فضلك[ .…]*|请稍[候等][ .…]*",
    r"access denied|acceso denegado|accès refusé|acesso negado|accesso negato|доступ запрещ[её]н|erişim engellendi|odmowa dostępu",
    r"(?:security check|sicherheitsüberprüfung|human verification)|bestätigen sie,? dass sie (?:ein mensch|kein roboter) sind",
    r"request (?:unsuccessful|blocked)|the request could not be satisfied|zu viele anfragen|trop de requêtes|demasiadas solicitudes",
    r"(?:this content is )?not available in your (?:region|country)|in ihr(?:er region|em land) nicht verfügbar",
)
_OUT_OF_ORDER = (
    r"(?:service|site|website) (?:temporarily )?unavailable|bad gateway|gateway time-?out|internal server error",
    r"(?:site |scheduled )?maintenance|wartungsarbeiten|wartungsmodus|(?:we'll|we will|we’ll) be (?:right |)back.{0,20}",
)
_BROKEN = (
    r"(?:(?:oops|ups|hoppla)[!.,]* )?(?:something went wrong|(?:da|etwas) ist (?:etwas )?schiefgelaufen|algo (?:salió|deu|ha ido) m?(?:al|errado)"
    r"|une erreur est survenue|es ist ein fehler aufgetreten|что-то пошло не так|bir şeyler ters gitti)[.!]*",
    r"(?:sorry, )?this (?:page|content) (?:isn['’]t|is not) available(?: anymore)?|backend fetch failed|guru meditation",
    r"diese seite (?:existiert nicht|gibt es nicht)(?: mehr)?|(?:dieser|der) inhalt ist nicht (?:mehr )?verfügbar",
    r"sitio en mantenimiento|site en maintenance|технические работы|wir sind (?:gleich|bald) (?:wieder )?(?:zurück|da)",
)
_FIRST_AGREE = (
    r"we value your privacy|wir schätzen ihre privatsphäre|le respect de votre vie privée est notre priorité",
    r"su privacidad es importante(?: para nosotros)?|paramètres des cookies|configuración de (?:las )?cookies",
    r"ustawienia plików cookie|impostazioni (?:dei )?cookie|настройки (?:файлов )?cookie|çerez ayarları",
    r"subscribe to (?:continue|keep)(?: reading)?|se connecter|iniciar sesión|вход|accedi|entrar",
    r"before you continue(?: to .{0,40})?|bevor sie (?:fortfahren|zu .{0,40} weitergehen)|your privacy choices|privatsphäre-einstellungen",
    r"datenschutzeinstellungen|cookie.{0,3}(?:einstellungen|settings|consent)|mit werbung weiterlesen",
    r"log ?in|sign in|anmelden|bitte (?:melden sie sich|anmelden).{0,30}",
)
_WORDS = "|".join((*_NOT_FOUND, *_REFUSED, *_WAITING, *_OUT_OF_ORDER, *_BROKEN, *_FIRST_AGREE))
_NO_ARTICLE = re.compile(
    rf"(?:error|fehler|erreur|erro|ошибка|hata|błąd)?\s*(?:[45]\d\d)?\s*[-:|]?\s*(?:{_WORDS})?", re.IGNORECASE
)


def no_article(headline: str) -> bool:
    """Whether this is what a page calls itself that stands in an article's place."""
    return _NO_ARTICLE.fullmatch(headline) is not None
