# SPDX-License-Identifier: MIT
"""What the columns of a record are by the document on them (docs/columns.md), taken from what `evx dump -o jsonl`
says of it: written without a look at the library."""
import json
import re
from datetime import datetime, timezone

EPOCH = 116444736000000000  # FILETIME of 1970
NS_FIRST, NS_LAST = 24211015631452242, 208678456368547758
TIME = re.compile(r"(\d+)-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z| UTC)?$")
WIDTHS = {"event_id": 32, "qualifiers": 32, "version": 16, "level": 16, "task": 32, "opcode": 16}
OTHERS = ("#attributes", "System", "EventData")


def load(line):
    """The record, in which numbers are the text that they are written as."""
    return json.loads(line, parse_int=str, parse_float=str)


def text_of(value):
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, dict):
        return text_of(value.get("#text"))
    if isinstance(value, list):
        return text_of(value[0]) if value else None
    return value or None


def attribute(element, name):
    if isinstance(element, list):
        element = element[0]
    return text_of(element.get("#attributes", {}).get(name)) if isinstance(element, dict) else None


def integer(text, bits=64):
    """The number, as signed one of so many bits: None when it does not fit."""
    if text is None:
        return None
    number = int(text, 16) if text.lower().startswith("0x") else int(text)
    if bits == 64:
        return number - (1 << 64) if number >= 1 << 63 else number
    return number if -(1 << (bits - 1)) <= number < 1 << (bits - 1) else None


def guid(text):
    return text and text.lower()


def ticks_of(text):
    match = TIME.match(text or "")
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    cycles = max(0, (year - 9000) // 400 + 1) if year > 9000 else 0  # our calendar repeats
    moment = datetime(year - 400 * cycles, month, day, hour, minute, second, tzinfo=timezone.utc)
    seconds = int(moment.timestamp()) + cycles * 146097 * 86400
    return EPOCH + seconds * 10000000 + int((match.group(7) or "0").ljust(7, "0")[:7])


def moment(ticks, unit):
    if ticks is None or (unit == "ns" and not NS_FIRST <= ticks <= NS_LAST):
        return None
    return (ticks - EPOCH) * 100 if unit == "ns" else ticks // 10 - EPOCH // 10


def system(record, unit):
    """The columns that are of System."""
    event = record.get("Event")
    found = event.get("System") if isinstance(event, dict) else None
    found = found if isinstance(found, dict) else {}
    get = found.get
    return {
        "time_created": moment(ticks_of(attribute(get("TimeCreated"), "SystemTime")), unit),
        "event_id": integer(text_of(get("EventID")), 32),
        "qualifiers": integer(attribute(get("EventID"), "Qualifiers"), 32),
        "version": integer(text_of(get("Version")), 16),
        "level": integer(text_of(get("Level")), 16),
        "task": integer(text_of(get("Task")), 32),
        "opcode": integer(text_of(get("Opcode")), 16),
        "keywords": integer(text_of(get("Keywords"))),
        "event_record_id": integer(text_of(get("EventRecordID"))),
        "provider": attribute(get("Provider"), "Name"),
        "provider_guid": guid(attribute(get("Provider"), "Guid")),
        "channel": text_of(get("Channel")),
        "computer": text_of(get("Computer")),
        "user_id": attribute(get("Security"), "UserID"),
        "process_id": integer(attribute(get("Execution"), "ProcessID")),
        "thread_id": integer(attribute(get("Execution"), "ThreadID")),
        "activity_id": guid(attribute(get("Correlation"), "ActivityID")),
        "related_activity_id": guid(attribute(get("Correlation"), "RelatedActivityID")),
    }


def values_of(name, value, prefix):
    """Names and texts of one member of EventData, in its order."""
    if isinstance(value, list):
        for item in value:
            yield from values_of(name, item, prefix)
    elif not isinstance(value, dict):
        yield prefix + name, text_of(value) or ""
    elif "#text" in value:
        yield from values_of(name, value["#text"], prefix)
    else:
        inside = list(entries(value, prefix + name + "."))
        yield from inside if inside else [(prefix + name, "")]


def entries(members, prefix=""):
    for name, value in members.items():
        if name == "#attributes" or (name.endswith("_attributes") and isinstance(value, (dict, list))):
            continue
        yield from values_of(name, value, prefix)


def data(record):
    """Names and texts in EventData. Those that repeat have one name here, or already a number."""
    event = record.get("Event")
    found = event.get("EventData") if isinstance(event, dict) else None
    if isinstance(found, str):
        return [("#text", found)]
    if isinstance(found, dict) and "#text" in found:
        return [("#text", text_of(found["#text"]))]
    return list(entries(found)) if isinstance(found, dict) else []


def user_data(record):
    event = record.get("Event")
    if not isinstance(event, dict):
        return None
    return {name: value for name, value in event.items() if name not in OTHERS} or None


def base_of(key, names):
    """A key without the number that makes it unique."""
    match = re.match(r"(.*)_\d+$", key, re.DOTALL)
    return match.group(1) if match and match.group(1) in names else key


def same_entries(wanted, got):
    """Whether a map has what is wanted, in any order of different names; null is as good as an empty text. JSON may
    number a name where the map does not, and the other way round."""
    if len(dict(got)) != len(got) or len(wanted) != len(got):
        return False
    names = {key for key, _ in wanted} | {key for key, _ in got}

    def grouped(pairs):
        groups = {}
        for key, value in pairs:
            groups.setdefault(base_of(key, names), []).append(value or "")
        return groups
    return grouped(wanted) == grouped(got)
