// SPDX-License-Identifier: MIT
// PowerShell: long script blocks (4104), module logging (4103) and the classic engine events.
#include "gen/generator.h"

#define EVENTS(list) list, sizeof(list) / sizeof((list)[0])

enum { SCRIPT_UNITS_MIN = 1000, SCRIPT_UNITS_SPREAD = 9000, SCRIPT_UNITS_LIMIT = 12000 };

static const char *const script_lines[] = {
    "    $result = Get-ChildItem -Path $Path -Recurse -ErrorAction SilentlyContinue | Where-Object "
    "{ $_.Length -gt 1kb }",
    "    if ($null -eq $result) { Write-Verbose \"nothing found in '$Path'\"; return }",
    "    foreach ($item in $result) {",
    "        $hash = (Get-FileHash -LiteralPath $item.FullName -Algorithm SHA256).Hash",
    "        [xml]$doc = \"<item name=`\"$($item.Name)`\"><hash>$hash</hash></item>\"",
    "    }",
    "    try { Invoke-RestMethod -Uri \"https://api.contoso.example/v1/items?x=1&y=2\" -Method "
    "Post -Body $body } catch {}",
    "    # replaces <placeholder> & friends; see the wiki",
    "    $script:Cache['{0}' -f $key] = [pscustomobject]@{ Name = $key; Value = $value; Time = "
    "(Get-Date) }",
    "    Write-Output ($list -join \"`r`n\") | Out-File -Encoding utf8 \"$env:TEMP\\out.txt\"",
    "\tSet-ItemProperty -Path 'HKLM:\\SOFTWARE\\Contoso' -Name 'Enabled' -Value 1 -Type DWord",
    "    [void][System.Reflection.Assembly]::LoadWithPartialName('System.Web')",
    "    $bytes = "
    "[Convert]::FromBase64String('"
    "SGVsbG8sIHdvcmxkISBUaGlzIGlzIG9ubHkgYSB0ZXN0IG9mIGEgbG9uZyBsaW5lLg==')",
    "    switch -Regex ($line) { '^\\s*#' { continue } '^(?<k>\\w+)=(?<v>.*)$' { $h[$Matches.k] = "
    "$Matches.v } }",
    "    throw \"Fehler: Zugriff verweigert f\xfcr $User\"",
    "",
    "}",
};

static void add_line(generator *g)
{
    uint32_t line = random_below(g, sizeof script_lines / sizeof script_lines[0]);
    text_add(g, script_lines[line]);
    if (random_percent(g, 20)) {
        text_add(g, " # ");
        text_add16(g, g->users[random_skewed(g, GENERATE_USERS)].name);
    }
    text_add(g, "\r\n");
}

static encode_value script_block(generator *g, const value_source *from)
{
    (void)from;
    uint32_t begin = text_begin(g), size = SCRIPT_UNITS_MIN + random_skewed(g, SCRIPT_UNITS_SPREAD);
    text_add(g, "function ");
    text_add(g, pick_ascii(g, GENERATE_TEXTS("Get-Inventory", "Invoke-Sync", "Test-Connection2",
                                             "prompt")));
    text_add_number(g, random_skewed(g, 400), 1);
    text_add(g, "\r\n{\r\n    [CmdletBinding()] param([string]$Path, [switch]$Force)\r\n");
    while (g->text_used - begin < size && g->text_used - begin < SCRIPT_UNITS_LIMIT)
        add_line(g);
    text_add(g, "}\r\n");
    return text_value_end(g, begin);
}

static encode_value context_info(generator *g, const value_source *from)
{
    (void)from;
    uint32_t begin = text_begin(g);
    text_add(g, "        Severity = Informational\r\n        Host Name = ConsoleHost\r\n        "
                "Host Version = 5.1.19041.");
    text_add_number(g, 1000 + random_skewed(g, 3000), 1);
    text_add(g, "\r\n        Host ID = 7a3f2c1e-0d4b-4c55-9a1f-2b6c8d9e0f11\r\n        Host "
                "Application = ");
    text_add16(g, g->image->path);
    text_add(g, " -NoProfile -ExecutionPolicy Bypass -File \"C:\\scripts\\nightly & more.ps1\"\r\n "
                "       Command Name = ");
    text_add(g, pick_ascii(g, GENERATE_TEXTS("Out-Default", "Write-Host", "Get-CimInstance",
                                             "ForEach-Object")));
    text_add(g, "\r\n        Command Type = Cmdlet\r\n        Sequence Number = ");
    text_add_number(g, 16 + random_skewed(g, 8000), 1);
    text_add(g, "\r\n        User = ");
    text_add16(g, g->subject->domain);
    text_add(g, "\\");
    text_add16(g, g->subject->name);
    text_add(g, "\r\n        Connected User = \r\n        Shell ID = Microsoft.PowerShell\r\n");
    return text_value_end(g, begin);
}

static encode_value payload(generator *g, const value_source *from)
{
    (void)from;
    uint32_t begin = text_begin(g), count = 1 + random_skewed(g, 12);
    for (uint32_t i = 0; i < count; i++) {
        text_add(g, "ParameterBinding(");
        text_add(g, pick_ascii(g, GENERATE_TEXTS("Out-Default", "Write-Host", "Get-CimInstance",
                                                 "ForEach-Object")));
        text_add(g, "): name=\"InputObject\"; value=\"");
        text_add16(g, g->images[random_skewed(g, GENERATE_IMAGES)].path);
        text_add(g, "\"\r\n");
    }
    return text_value_end(g, begin);
}

// The three strings of the engine events: state, previous state, and many lines of details.
static encode_value engine_strings(generator *g, const value_source *from)
{
    uint32_t begin = text_begin(g);
    text_add(g, pick_ascii(g, from->list));
    text_add16(g, (text16){u"", 1});
    text_add(g, "None");
    text_add16(g, (text16){u"", 1});
    text_add(g,
             "\tNewEngineState=Available\r\n\tPreviousEngineState=None\r\n\r\n\tSequenceNumber=");
    text_add_number(g, 1 + random_skewed(g, 90), 1);
    text_add(g, "\r\n\r\n\tHostName=ConsoleHost\r\n\tHostVersion=5.1\r\n\tHostApplication=");
    text_add16(g, g->image->path);
    text_add(g, " ");
    text_add16(g, g->image->arguments);
    text_add(g, "\r\n\tEngineVersion=5.1\r\n\tRunspaceId=\r\n\tPipelineId=\r\n\tCommandLine=");
    text_add16(g, (text16){u"", 1});
    text16 all = text_end(g, begin);
    return encode_borrowed(ENCODE_STRING | ENCODE_ARRAY, all.units, all.count * sizeof *all.units);
}

static const value_source sources[] = {
    {"script", ENCODE_STRING, script_block, NULL, 0},
    {"context", ENCODE_STRING, context_info, NULL, 0},
    {"payload", ENCODE_STRING, payload, NULL, 0},
    {"engine", ENCODE_STRING | ENCODE_ARRAY, engine_strings,
     GENERATE_TEXTS("Available", "Stopped", "Registry", "Write-Host \"<done>\" & exit"), 0},
    {"message_number", ENCODE_I32, number_from, GENERATE_NUMBERS(1, 1, 1, 2, 3), 0},
    {"message_total", ENCODE_I32, number_from, GENERATE_NUMBERS(1, 1, 1, 3), 0},
    {NULL, 0, NULL, NULL, 0},
};

static const event_spec operational[] = {
    {4104, 1, 5, 15, 2, 0, 45,
     "MessageNumber:message_number MessageTotal:message_total ScriptBlockText:script "
     "ScriptBlockId:guid Path:file",
     0, NULL, 0},
    {4103, 1, 4, 20, 106, 0, 60, "ContextInfo:context UserData:empty Payload:payload", 0, NULL, 0},
    {4105, 1, 5, 15, 102, 0, 20, "ScriptBlockId:guid RunspaceId:guid", 0, NULL, 0},
    {40961, 1, 4, 1, 4, 0, 4, "", 0, NULL, 0},
};

static const event_spec classic[] = {
    {400, 0, 4, 0, 4, 0x80000000000000, 8, "[]:engine Binary:null", SHAPE_CLASSIC, NULL, 0},
    {403, 0, 4, 0, 4, 0x80000000000000, 8, "[]:engine Binary:null", SHAPE_CLASSIC, NULL, 0},
    {600, 0, 4, 0, 6, 0x80000000000000, 25, "[]:engine Binary:null", SHAPE_CLASSIC, NULL, 0},
    {800, 0, 4, 0, 8, 0x80000000000000, 15, "[]:engine Binary:null", SHAPE_CLASSIC, NULL, 0},
};

static const provider_spec providers[] = {
    {"Microsoft-Windows-PowerShell", "{a0c1853b-5c40-4b15-8766-3cf1c58f985a}",
     "Microsoft-Windows-PowerShell/Operational", false, true, true, EVENTS(operational)},
    {"PowerShell", NULL, "Windows PowerShell", false, false, false, EVENTS(classic)},
};

static const value_source *const source_lists[] = {sources, generate_common_sources, NULL};

const profile profile_powershell = {
    .name = "powershell",
    .providers = providers,
    .provider_count = 2,
    .sources = source_lists,
    .hosts = 1,
    .bursts = 60,
    .pause = 900,
};
