"""A small world around the pure conversation: it carries effects out on facts, as the road and the casework do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from core.channels import Capabilities, FileRef, Inbound, InboundKind, MediaKind, Place, Sender
from core.dialogue import linkcode, memory
from core.dialogue.engine import step
from core.dialogue.model import (
    AnswerQuestion,
    CodeMeaning,
    Confirm,
    Dispute,
    Effect,
    Event,
    Facts,
    Heard,
    LinkedAddress,
    LinkFacts,
    Mode,
    Notice,
    NoticeKind,
    NotSettled,
    Object,
    OfficeFacts,
    Rate,
    ReportFacts,
    Say,
    Session,
    Submit,
    Tick,
    WakeAt,
    Withdraw,
)
from core.dialogue.render import Rendered, render
from core.dialogue.understanding.offices import Directory, Entry
from core.procedure.vocabulary import Category, OfficeKind, State

BUTTONS = Capabilities(
    text_limit=4096, buttons=8, button_label_limit=64, media_in=True, media_out=True, location_in=True, may_start=True
)
NUMBERS = replace(BUTTONS, buttons=0)
POSTS = replace(NUMBERS, public=True, public_name="@lapor1708", label="X", text_limit=10_000, may_start=False)
SMS = Capabilities(text_limit=612, receives_at_once=True, costs=True, segmented=True, receipts=True, may_start=True)
MAIL = Capabilities(
    text_limit=100_000, media_in=True, receives_at_once=True, repeatable=True, may_start=True, receipts=True, subjects=True
)

CODES = ("K7M42QXT9", "P3D8WN5HC", "T6RB9VJ2E", "M4XG7KQ5A", "H8CN3ZT6W", "B2VY9RD4P")

CITY = Directory(
    (
        Entry(2, "Kementerian Contoh", OfficeKind.AGENCY, 2),
        Entry(3, "Pemerintah Kota Contoh", OfficeKind.AGENCY, 3, ("pemkot contoh", "kota contoh", "tangkab")),
        Entry(4, "Dinas Kesehatan", OfficeKind.UNIT, 3, ("dinkes",), ("Pemerintah Kota Contoh",)),
        Entry(5, "RSUD Contoh", OfficeKind.UNIT, 3, ("rumah sakit contoh",), ("Pemerintah Kota Contoh", "Dinas Kesehatan")),
        Entry(6, "Puskesmas Sukamaju", OfficeKind.UNIT, 3, (), ("Pemerintah Kota Contoh", "Dinas Kesehatan")),
        Entry(7, "Puskesmas Sukajadi", OfficeKind.UNIT, 3, (), ("Pemerintah Kota Contoh", "Dinas Kesehatan")),
        Entry(8, "SDN 1 Contoh", OfficeKind.UNIT, 3, ("sd 1 contoh",), ("Pemerintah Kota Contoh",)),
        Entry(9, "Kecamatan Sukamaju", OfficeKind.UNIT, 3, (), ("Pemerintah Kota Contoh",)),
        Entry(10, "Kelurahan Melati", OfficeKind.UNIT, 3, (), ("Pemerintah Kota Contoh", "Kecamatan Sukamaju")),
        Entry(11, "Dinas Pekerjaan Umum", OfficeKind.UNIT, 3, ("dinas pu", "dpu"), ("Pemerintah Kota Contoh",)),
    )
)
NOWHERE = Directory(())


def office(today: date, language: str = "id") -> OfficeFacts:
    """Verification is due on the second working day, without holidays: enough for a conversation."""
    due = today
    for _ in range(2):
        due += timedelta(days=1)
        while due.weekday() >= 5:
            due += timedelta(days=1)
    return OfficeFacts(
        name="LAPOR!-SP4N", zone="Asia/Jakarta", language=language, verify_by={category.value: due for category in Category}
    )


@dataclass
class World:
    """One citizen, one conversation."""

    now: datetime
    capabilities: Capabilities = BUTTONS
    directory: Directory = CITY
    sender_name: str | None = "Siti Aminah"
    session: Session = field(default_factory=Session)
    reports: list[ReportFacts] = field(default_factory=list)
    wake_at: datetime | None = None
    idle: bool = False
    count: int = 0
    effects: tuple[Effect, ...] = ()
    doors: tuple[str, ...] = ("Surat", "SMS")
    linked: tuple[LinkedAddress, ...] = ()
    code: LinkFacts | None = None  # what a one-time code means that is entered here

    def facts(self) -> Facts:
        code = next((code for code in CODES if all(code != report.code for report in self.reports)), "Z9Z9Z9Z9Z")
        return Facts(
            capabilities=self.capabilities,
            office=office((self.now + timedelta(hours=7)).date()),
            reports=tuple(reversed(self.reports)),
            directory=self.directory,
            idle=self.idle,
            new_code=code,
            new_link_code="K7M42QXT",
            doors=self.doors,
            linked=self.linked,
        )

    def _link(self, event: Event) -> LinkFacts | None:
        if not isinstance(event, Heard) or event.inbound.kind is not InboundKind.MESSAGE:
            return None
        typed = linkcode.typed(event.inbound.text) if not event.inbound.choice else None
        if typed is not None:
            return replace(self.code or LinkFacts(CodeMeaning.UNKNOWN), named=typed.named)
        return replace(self.code, entered=False) if self.session.linking is not None and self.code is not None else None

    def happen(self, event: Event, *, replying_to: str | None = None) -> tuple[Rendered, ...]:
        """One step through memory and rendering, its effects carried out."""
        session = memory.load(memory.dump(self.session))
        assert session == self.session
        facts = replace(self.facts(), link=self._link(event), replying_to=replying_to)
        self.session, self.effects = step(session, event, facts=facts, now=self.now)
        return self._carried_out(self.session)

    def _carried_out(self, session: Session) -> tuple[Rendered, ...]:
        for effect in self.effects:
            self._carry_out(effect)
        says = [effect for effect in self.effects if isinstance(effect, Say)]
        return render(says, capabilities=self.capabilities, language=session.language or "id")

    def hear(
        self,
        text: str = "",
        *,
        choice: str | None = None,
        files: Sequence[FileRef] = (),
        place: Place | None = None,
        kind: InboundKind = InboundKind.MESSAGE,
        edits: str | None = None,
        subject: str | None = None,
        replying_to: str | None = None,
        verified: bool = True,
        left_out: int = 0,
    ) -> tuple[Rendered, ...]:
        """`replying_to`: code of the report whose message is answered. Who is not `verified` speaks beside the conversation."""
        self.count += 1
        sender = Sender("address", self.sender_name)
        reply_to = "ours" if replying_to else None
        inbound = Inbound(
            "door", f"m{self.count}", sender, kind, text, choice, tuple(files), place, subject=subject,
            edits=edits, reply_to=reply_to, files_left_out=left_out,
        )  # fmt: skip
        if verified:
            return self.happen(Heard(inbound), replying_to=replying_to)
        return self._from_a_stranger(Heard(inbound))

    def _from_a_stranger(self, heard: Heard) -> tuple[Rendered, ...]:
        """As the road does it: a blank session, no reports; what became of it stays only where nothing was under way."""
        facts = replace(self.facts(), reports=(), verified=False)
        old = self.session
        blank = Session(language=old.language, prompt=old.prompt, echo=old.echo, echo_at=old.echo_at, echo_asked=old.echo_asked)
        session, self.effects = step(blank, heard, facts=facts, now=self.now)
        if old.mode is Mode.IDLE and (session.mode is not Mode.IDLE or session.about):
            self.session = session
        return self._carried_out(session)

    def press(self, label: str) -> tuple[Rendered, ...]:
        """Presses the button with this label of the last question."""
        token = next(choice.token for choice in self.session.offered if choice.label == label)
        return self.hear(choice=token)

    def tell(
        self, kind: NoticeKind, code: str, *, words: str | None = None, **params: str | int | date
    ) -> tuple[Rendered, ...]:
        """A notice, with what it means for the report."""
        changes: dict[NoticeKind, dict[str, object]] = {
            NoticeKind.DISPOSED: {"state": State.AT_UNIT},
            NoticeKind.QUESTION: {"state": State.AWAITING_REPORTER, "question": words or "?"},
            NoticeKind.RESPONSE: {"state": State.IN_PROGRESS},
            NoticeKind.PROGRESS: {"state": State.IN_PROGRESS},
            NoticeKind.SETTLEMENT: {"state": State.IN_PROGRESS, "settled": True},
            NoticeKind.CLOSED: {"state": State.CLOSED, "open": False, "settled": False, "disputable": True, "rateable": True},
            NoticeKind.CLOSED_SILENT: {
                "state": State.CLOSED, "open": False, "settled": False, "disputable": True, "rateable": True
            },
            NoticeKind.ARCHIVED: {"state": State.ARCHIVED, "open": False, "objectionable": True},
        }  # fmt: skip
        holder = {"holder_name": str(params["holder"])} if "holder" in params else {}
        self.change(code, **{"last_notice": kind, **holder, **changes.get(kind, {})})
        return self.happen(Notice(kind, code, params, words))

    def change(self, code: str, **changes: object) -> None:
        self.reports = [replace(r, **changes) if r.code == code else r for r in self.reports]  # type: ignore[arg-type]

    def later(self, wait: timedelta) -> tuple[Rendered, ...]:
        """Time passes; every Tick that was wished for comes at its moment."""
        end, heard = self.now + wait, []
        while self.wake_at is not None and self.wake_at <= end:
            self.now, self.wake_at = max(self.now, self.wake_at), None
            heard.extend(self.happen(Tick()))
        self.now = end
        return tuple(heard)

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case WakeAt(at):
                self.wake_at = at
            case Submit(code, draft, title):
                self.reports.append(
                    ReportFacts(
                        code=code,
                        title=title,
                        state=State.RECEIVED,
                        category=draft.category or Category.GRIEVANCE,
                        holder_name="LAPOR!-SP4N",
                        due_on=None,
                        urgent=draft.urgent,
                        where_words=draft.where_words,
                        who_words=draft.who_words,
                        who_office_id=draft.who_office_id,
                    )
                )
            case Confirm(code):
                self.change(code, state=State.CLOSED, open=False, settled=False, rateable=True)
            case NotSettled(code):
                self.change(code, settled=False)
            case Dispute(code):
                self.change(code, state=State.IN_PROGRESS, open=True, disputable=False, rateable=False)
            case Object(code):
                self.change(code, state=State.RECEIVED, open=True, objectionable=False)
            case AnswerQuestion(code):
                self.change(code, state=State.AT_UNIT, question=None)
            case Rate(code, rating):
                self.change(code, rating=rating)
            case Withdraw(code, solved):
                self.change(code, state=State.CLOSED if solved else State.ARCHIVED, open=False, settled=False, question=None)
            case _:
                pass


PHOTO = FileRef("photo-1", MediaKind.PHOTO, "IMG_1.jpg", "image/jpeg", 240_000)
VOICE = FileRef("voice-1", MediaKind.VOICE, None, "audio/ogg", 60_000)
