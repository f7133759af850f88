"""The spiders: ``article`` looks at articles, ``discover`` finds new ones."""
