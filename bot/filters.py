"""What a message holds. Coroutines: aiogram sends plain filters, its own F too, to a thread each time."""

from aiogram.types import Message


async def has_text(message: Message) -> bool:
    """Words."""
    return bool(message.text)


async def has_no_text(message: Message) -> bool:
    """Anything but words."""
    return not message.text


async def has_photo(message: Message) -> bool:
    """A picture."""
    return bool(message.photo)


async def has_text_or_photo(message: Message) -> bool:
    """Words, or a picture that may carry them."""
    return bool(message.text or message.photo)


async def has_text_or_contact(message: Message) -> bool:
    """A number, typed or shared."""
    return bool(message.text or message.contact)


async def has_location(message: Message) -> bool:
    """A place."""
    return message.location is not None
