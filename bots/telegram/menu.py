"""The command menu in the languages that the office offers (core.telegram.org/bots/api#setmycommands)."""

from __future__ import annotations

import structlog
from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats

from bots.telegram.client import Answered, code_of
from core.channels import Menu

log = structlog.get_logger()


async def publish(bot: Bot, menu: Menu) -> None:
    """Sets every language's menu; the first one also for people of any other language.

    A menu that Telegram refuses is logged and left out: it must not keep the door shut. Anything else is raised.
    """
    for position, (language, entries) in enumerate(menu.items()):
        commands = [BotCommand(command, description) for command, description in entries]
        for code in (None, language) if position == 0 else (language,):
            try:
                await bot.set_my_commands(commands, BotCommandScopeAllPrivateChats(), language_code=code)
            except Answered as error:
                if error.code != 400:
                    raise
                log.warning("telegram.menu_refused", language=language, code=code_of(error))
