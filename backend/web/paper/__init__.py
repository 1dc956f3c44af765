"""Documents for people: what is printed, saved or shown as a picture, set by Typst.

A template (`templates/<name>.typ`) holds the form and no words; the words, dates and sums come with
the data, in the reader's language. Data is data: nothing in it is read as markup.
"""

from backend.web.paper.press import Attachment, pdf, png

__all__ = ["Attachment", "pdf", "png"]
