"""How hard English words are to read: Flesch and Kincaid's grade (1975) plus five is the age in years."""

import re

_SENTENCE = re.compile(r"[^.!?:]+")
_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?:[^aeiouyl]e|(?<=[^aeiouydt])ed|(?<=[^aeiouyszcxgh])es)$")
_BRACES = re.compile(r"\{[^{}]*\}")


def reading_age(texts: list[str]) -> float:
    """Years of age at which the texts are understood; what is put into braces counts as one short word."""
    sentences = [
        each for text in texts for each in _SENTENCE.findall(_BRACES.sub("it", text)) if _words(each)
    ]
    words = [word for sentence in sentences for word in _words(sentence)]
    syllables = sum(map(count_syllables, words))
    grade = 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
    return grade + 5


def count_syllables(word: str) -> int:
    """By groups of vowels, without silent endings; patterns of hyphenation count too few."""
    return max(1, len(_VOWELS.findall(_SILENT.sub("", word.lower()))))


def _words(text: str) -> list[str]:
    return _WORD.findall(text)
