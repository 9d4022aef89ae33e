"""The shift plan without script on a phone: who is on duty, a shift more, a day given away; and who is told when."""

from datetime import UTC, datetime, timedelta

from tests.walks.demo import Demo
from tests.walks.signing_in import sign_in
from tests.walks.visitor import Visit

PHONE = {"java_script_enabled": False, "viewport": {"width": 320, "height": 640}}


def test_a_supervisor_plans_a_week_without_script_on_a_phone(demo: Demo, visit: Visit) -> None:
    sigrid = demo.person("sigrid")
    desk = sign_in(visit(**PHONE), sigrid, proof=sigrid.recovery_codes[5]).follow("Shifts")
    assert "Tuva Nygård" in desk.text and "hours nobody covers" in desk.text
    desk.follow("Plan a shift").send("Save", status=422)
    monday = datetime.now(UTC).date() + timedelta(days=28)
    monday -= timedelta(days=monday.weekday())
    for name, value in (("first", monday), ("last", monday)):
        desk.page.locator(f"main [name={name}]").fill(value.isoformat())
    desk.page.get_by_label("Monday").check()
    desk.send("Save", login="gro", starts="06:00", ends="07:30")
    assert "06:00–07:30" in desk.text
    desk.page.get_by_role("link", name="Change Gro Lunde").first.click()
    assert desk.page.get_by_role("heading", level=1).inner_text() == "One shift"
    desk.send("Give it to this person", login="dag")
    assert "in place of Gro Lunde" in desk.text
    desk.follow("Who is away")
    assert "Dag Solheim" in desk.text and "Carol Hansen" in desk.text
    desk.follow("Notices")
    assert "Mails before an end" in desk.text
