"""contracts.md, config.yaml: what an office may write, and what it is told when it wrote something else."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, model_validator

from core.config import STANDARD_FILE, Config, Listen, load, parse, parse_listen
from core.errors import ConfigurationError
from core.procedure.numbers import Numbers
from lapor import wiring


class Loft(BaseModel):
    """A section of a channel's settings."""

    doors: tuple[str, ...] = ()


class Pigeon(BaseModel):
    """The settings of a channel that exists only here."""

    model_config = ConfigDict(extra="forbid")

    token: str
    number: str = "1708"
    webhook_secret: str | None = None
    poll_seconds: int = 60
    routes: tuple[str, ...] = ("Java",)
    loft: Loft = Loft()


@pytest.fixture
def written(tmp_path: Path):
    def write(text: str, **environ: str) -> Config:
        file = tmp_path / "office.yaml"
        file.write_text(text, encoding="utf-8")
        return load(file, environ=environ)

    return write


def test_an_empty_file_is_the_defaults(written):
    config = written("")
    assert str(config.desk.listen) == "127.0.0.1:8080"
    assert str(config.ingress.listen) == "127.0.0.1:8081"
    assert config.office.name == "LAPOR!-SP4N"
    assert config.office.timezone == "Asia/Jakarta"
    assert config.procedure == Numbers()
    assert config.enabled_channels == ()


def test_the_shipped_file_says_what_the_defaults_are():
    shipped, bare = load(STANDARD_FILE, environ={}), parse({}, folder=STANDARD_FILE.parent)
    assert shipped.model_dump(exclude={"channels"}) == bare.model_dump(exclude={"channels"})


def test_the_shipped_file_needs_nothing_from_the_environment():
    shipped = load(STANDARD_FILE, environ={})
    assert shipped.enabled_channels == ("email",)  # contracts.md: on loopback, nothing outside is needed
    assert set(wiring.build_channels(shipped, wiring.enabled(shipped))) == {"email", "console"}


def test_a_channel_that_is_switched_on_asks_for_its_secrets():
    shipped = load(STANDARD_FILE, environ={"LAPOR_CHANNELS__SMS__ENABLED": "true"})
    with pytest.raises(ConfigurationError, match=r"channels\.sms: .*SMS_USERNAME"):
        wiring.build_channels(shipped, ["sms"])


def test_relative_paths_start_at_the_file(written, tmp_path):
    config = written("database: sqlite:///data/a.db\nfiles: data/files\n")
    assert config.database == f"sqlite:///{tmp_path}/data/a.db"
    assert config.files == tmp_path / "data/files"
    assert config.var == tmp_path / "var"


def test_absolute_paths_stay(written):
    config = written("database: sqlite:////srv/lapor/a.db\nfiles: /srv/files\n")
    assert config.database == "sqlite:////srv/lapor/a.db"
    assert config.files == Path("/srv/files")


def test_a_postgresql_url_stays(written):
    assert written("database: postgresql://lapor@db/lapor").database == "postgresql://lapor@db/lapor"


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "lapor.db", "sqlite:///"])
def test_another_database_is_refused(written, url):
    with pytest.raises(ConfigurationError, match="database: must be sqlite"):
        written(f'database: "{url}"')


# --- mistakes -------------------------------------------------------------------------------------------------------------


def test_an_unknown_key_is_named_with_its_path_and_the_likely_one(written):
    with pytest.raises(ConfigurationError, match=r"office\.yaml: desk\.lisen is not a setting: did you mean desk\.listen\?"):
        written('desk: {lisen: "127.0.0.1:1"}')


def test_an_unknown_number_of_the_procedure_is_named(written):
    with pytest.raises(ConfigurationError, match=r"procedure\.silence\.limitdays is not a setting"):
        written("procedure: {silence: {limitdays: 3}}")


def test_a_wrong_type_is_named(written):
    with pytest.raises(ConfigurationError, match=r"procedure\.silence\.limit_days: .*integer"):
        written("procedure: {silence: {limit_days: soon}}")


def test_every_mistake_has_its_own_line(written):
    with pytest.raises(ConfigurationError) as caught:
        written("desk: {listen: here}\noffice: {timezone: Mars/North}\n")
    assert {line.split(": ")[1] for line in str(caught.value).splitlines()} == {"desk.listen", "office.timezone"}


def test_numbers_that_contradict_each_other_are_refused(written):
    with pytest.raises(ConfigurationError, match=r"procedure\.silence: limit_days"):
        written("procedure: {silence: {reminder_days: 10, limit_days: 10}}")


@pytest.mark.parametrize("zone", ["Mars/North", "../etc/passwd", "''", "Asia"])
def test_an_unknown_zone_is_refused(written, zone):
    with pytest.raises(ConfigurationError, match=r"office\.timezone: must be an IANA zone"):
        written(f"office: {{timezone: {zone}}}")


@pytest.mark.parametrize("text", ["office: [", "\tdesk: 1", "just words", "- a\n- b"])
def test_a_file_that_is_no_mapping_says_so(written, text):
    with pytest.raises(ConfigurationError, match=r"office\.yaml"):
        written(text)


def test_a_key_given_twice_is_refused_with_its_line(written):
    with pytest.raises(ConfigurationError, match=r"office\.yaml is no valid YAML near line 3 \(desk stands there twice\)"):
        written("desk: {listen: '127.0.0.1:1'}\n\ndesk: {listen: '127.0.0.1:2'}\n")


@pytest.mark.parametrize("value", ["-1", "true", "1.5", "soon", "''"])
def test_a_number_that_is_none_is_refused(written, value):
    with pytest.raises(ConfigurationError, match=r"dispute_days"):
        written(f"procedure: {{windows: {{dispute_days: {value}}}}}")


def test_a_missing_file_is_named_with_the_remedy(tmp_path):
    with pytest.raises(ConfigurationError, match=r"no configuration file .*absent\.yaml: name another with --config"):
        load(tmp_path / "absent.yaml", environ={})


def test_a_file_that_is_no_text_says_so(tmp_path):
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load(tmp_path / "binary.yaml", environ={})


def test_no_value_is_repeated_in_a_message(written):
    with pytest.raises(ConfigurationError) as caught:
        written("key: {a: hunter2}\nchannels: {pigeon: {enabled: hunter2}}")
    assert "hunter2" not in str(caught.value)


# --- environment ----------------------------------------------------------------------------------------------------------


def test_a_variable_overrides_a_key_on_any_level(written):
    config = written(
        "desk: {listen: '127.0.0.1:1'}",
        LAPOR_DESK__LISTEN="0.0.0.0:9090",
        LAPOR_DATABASE="postgresql://lapor@db/lapor",
        LAPOR_PROCEDURE__CLASSES__GRIEVANCE__SETTLE_DAYS="4",
        LAPOR_OFFICE__CONTACTS='["www.lapor.go.id", "1708"]',
    )
    assert config.desk.listen == Listen("0.0.0.0", 9090)
    assert config.database == "postgresql://lapor@db/lapor"
    assert config.procedure.classes.grievance.settle_days == 4
    assert config.procedure.classes.grievance.verification == Numbers().classes.grievance.verification
    assert config.office.contacts == ("www.lapor.go.id", "1708")


def test_an_unknown_variable_is_refused_by_its_name(written):
    with pytest.raises(
        ConfigurationError, match="environment variable LAPOR_DATABSE: databse is not a setting: did you mean database"
    ):
        written("", LAPOR_DATABSE="postgresql://x/y")


def test_a_variable_below_a_plain_value_is_refused(written):
    with pytest.raises(ConfigurationError, match="LAPOR_DATABASE__URL does not name a setting"):
        written("database: sqlite:///a.db", LAPOR_DATABASE__URL="x")


def test_the_command_lines_own_variables_are_no_settings(written):
    assert written("", LAPOR_DEMO_ON_EMPTY="1", LAPOR_CONFIG="elsewhere.yaml") == written("")


def test_an_empty_variable_changes_nothing(written):
    assert written("files: a", LAPOR_FILES="").files.name == "a"


def test_without_a_path_the_variable_names_the_file(tmp_path):
    (tmp_path / "mine.yaml").write_text("office: {name: Kota Contoh}")
    assert load(environ={"LAPOR_CONFIG": str(tmp_path / "mine.yaml")}).office.name == "Kota Contoh"


def test_a_secret_comes_from_the_environment(written):
    config = written('database: "postgresql://lapor:${DB_PASSWORD}@db/lapor"', DB_PASSWORD="s{}[]$x")
    assert config.database == "postgresql://lapor:s{}[]$x@db/lapor"


def test_a_missing_secret_is_named(written):
    with pytest.raises(ConfigurationError, match="database needs the environment variable DB_URL: set it"):
        written('database: "${DB_URL}"')


def test_secrets_do_not_show_when_a_configuration_is_printed(written):
    config = written(
        'key: "${K}"\ndatabase: "postgresql://a:${K}@b/c"\nchannels: {pigeon: {token: "${K}"}}',
        K="hunter2",
    )
    assert "hunter2" not in repr(config)
    assert config.key is not None
    assert config.key.get_secret_value() == "hunter2"


# --- channels -------------------------------------------------------------------------------------------------------------

PIGEON = 'channels: {pigeon: {enabled: true, token: "${PIGEON_TOKEN}", webhook_secret: "${PIGEON_SECRET}"}}'


def test_a_channel_checks_its_own_keys(written):
    config = written(PIGEON, PIGEON_TOKEN="coo")
    assert config.enabled_channels == ("pigeon",)
    assert config.channel("pigeon", Pigeon) == Pigeon(token="coo")


def test_a_channel_is_off_unless_it_says_so(written):
    assert written("channels: {pigeon: {token: coo}}").enabled_channels == ()


def test_a_disabled_channel_needs_no_secret(written):
    assert written(PIGEON.replace("true", "false")).enabled_channels == ()


def test_a_missing_secret_of_an_enabled_channel_names_key_and_variable(written):
    config = written(PIGEON)
    with pytest.raises(
        ConfigurationError, match=r"channels\.pigeon\.token is missing: set the environment variable PIGEON_TOKEN"
    ):
        config.channel("pigeon", Pigeon)


def test_an_empty_secret_is_a_missing_one(written):
    with pytest.raises(ConfigurationError, match="set the environment variable PIGEON_TOKEN"):
        written(PIGEON, PIGEON_TOKEN="").channel("pigeon", Pigeon)


def test_a_missing_key_without_a_variable_says_both_ways(written):
    config = written("channels: {pigeon: {enabled: true}}")
    with pytest.raises(ConfigurationError, match=r"write it into office\.yaml, or set LAPOR_CHANNELS__PIGEON__TOKEN"):
        config.channel("pigeon", Pigeon)


def test_a_channels_unknown_key_is_named(written):
    config = written("channels: {pigeon: {enabled: true, token: coo, poll_second: 3}}")
    with pytest.raises(
        ConfigurationError, match=r"channels\.pigeon\.poll_second is not a setting: did you mean channels\.pigeon\.poll_seconds"
    ):
        config.channel("pigeon", Pigeon)


def test_a_channels_lists_are_read_from_a_variable_on_every_level(written):
    config = written(
        "channels: {pigeon: {enabled: true, token: coo}}",
        LAPOR_CHANNELS__PIGEON__ROUTES='["Bali", "Papua"]',
        LAPOR_CHANNELS__PIGEON__LOFT__DOORS="[east]",
    )
    settings = config.channel("pigeon", Pigeon)
    assert (settings.routes, settings.loft.doors) == (("Bali", "Papua"), ("east",))


def test_a_list_that_is_none_is_named(written):
    config = written("channels: {pigeon: {token: coo}}", LAPOR_CHANNELS__PIGEON__ROUTES="Bali")
    with pytest.raises(ConfigurationError, match=r"LAPOR_CHANNELS__PIGEON__ROUTES: channels\.pigeon\.routes"):
        config.channel("pigeon", Pigeon)


def test_a_channels_text_stays_text_when_it_looks_like_something_else(written):
    config = written(PIGEON, LAPOR_CHANNELS__PIGEON__NUMBER="0812", LAPOR_CHANNELS__PIGEON__TOKEN="{a: 1}")
    assert config.channel("pigeon", Pigeon) == Pigeon(token="{a: 1}", number="0812")


def test_a_variable_switches_a_channel_on(written):
    assert written(PIGEON.replace("true", "false"), LAPOR_CHANNELS__PIGEON__ENABLED="true").enabled_channels == ("pigeon",)


@pytest.mark.parametrize("word", ["maybe", "2", "ja"])
def test_enabled_is_yes_or_no(written, word):
    with pytest.raises(ConfigurationError, match=r"pigeon\.enabled must be true or false"):
        written(f"channels: {{pigeon: {{enabled: {word}}}}}")


class Owl(BaseModel):
    """A channel that checks its secrets together."""

    token: str | None = None
    webhook_secret: str | None = None

    @model_validator(mode="after")
    def _has_its_token(self) -> "Owl":
        if not self.token:
            raise ValueError("token: set it")
        return self


def test_a_channel_that_complains_of_one_secret_is_told_of_that_one(written):
    config = written(PIGEON.replace("pigeon", "owl"))
    with pytest.raises(ConfigurationError) as caught:
        config.channel("owl", Owl)
    assert str(caught.value) == "office.yaml: channels.owl: token: set it: set the environment variable PIGEON_TOKEN."


# --- small things -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text,listen,loopback",
    [
        ("127.0.0.1:8080", Listen("127.0.0.1", 8080), True),
        ("localhost:0", Listen("localhost", 0), True),
        ("[::1]:80", Listen("::1", 80), True),
        ("0.0.0.0:8080", Listen("0.0.0.0", 8080), False),
        ("desk.example.go.id:443", Listen("desk.example.go.id", 443), False),
    ],
)
def test_a_listening_address_is_read_and_written_back(text, listen, loopback):
    assert parse_listen(text) == listen
    assert str(listen) == text
    assert listen.is_loopback is loopback


@pytest.mark.parametrize("text", ["8080", ":8080", "host:", "host:99999", "host:x", "host:-1", "host:٣", ""])
def test_an_address_that_cannot_be_listened_on_is_refused(text):
    with pytest.raises(ValueError, match="host and a port"):
        parse_listen(text)


def test_the_emergency_numbers_are_those_of_the_procedure(written):
    # sop.md §3: 112, 110, 113, 119, and SAPA 129 for women and children
    assert [number for number, _ in written("").emergency.pairs()] == ["112", "110", "113", "119", "129"]


def test_a_region_differs_only_where_it_says_so(written):
    config = written("emergency: {regions: {Kota Contoh: {ambulance: 118, emergency: null}}}")
    assert [number for number, _ in config.emergency.pairs("kota contoh")] == ["110", "113", "118", "129"]
    assert [number for number, _ in config.emergency.pairs("Kota Lain")] == ["112", "110", "113", "119", "129"]


def test_the_public_address_loses_its_last_slash(written):
    assert written("office: {public_url: 'https://lapor.example.go.id/'}").office.public_url == "https://lapor.example.go.id"
