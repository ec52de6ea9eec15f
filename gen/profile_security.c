// SPDX-License-Identifier: MIT
// Security: audit events of Microsoft-Windows-Security-Auditing with their real field names and
// types.
#include "gen/generator.h"

#define SUCCESS 0x8020000000000000
#define FAILURE 0x8010000000000000

#define SUBJECT                                                                                    \
    "SubjectUserSid:subject_sid SubjectUserName:subject_name SubjectDomainName:subject_domain "    \
    "SubjectLogonId:subject_logon "
#define TARGET "TargetUserName:target_name TargetDomainName:target_domain TargetSid:target_sid "

static encode_value task_content(generator *g, const value_source *from)
{
    (void)from;
    uint32_t begin = text_begin(g);
    text_add(g,
             "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.4\" "
             "xmlns=\"http://schemas."
             "microsoft.com/windows/2004/02/mit/task\">\r\n  <RegistrationInfo>\r\n    <Author>");
    text_add16(g, g->subject->domain);
    text_add(g, "\\");
    text_add16(g, g->subject->name);
    text_add(g, "</Author>\r\n  </RegistrationInfo>\r\n  <Triggers>\r\n    <CalendarTrigger>\r\n   "
                "   <StartBoundary>"
                "2024-01-01T03:00:00</StartBoundary>\r\n      <Enabled>true</Enabled>\r\n    "
                "</CalendarTrigger>\r\n"
                "  </Triggers>\r\n  <Actions Context=\"Author\">\r\n    <Exec>\r\n      <Command>");
    text_add16(g, g->image->path);
    text_add(g, "</Command>\r\n      <Arguments>");
    text_add16(g, g->image->arguments);
    text_add(g, "</Arguments>\r\n    </Exec>\r\n  </Actions>\r\n</Task>");
    return text_value_end(g, begin);
}

static const value_source sources[] = {
    {"logon_type", ENCODE_U32, number_from, GENERATE_NUMBERS(3, 5, 3, 2, 7, 4, 10, 11, 8, 9), 0},
    {"logon_process", ENCODE_STRING, text_from,
     GENERATE_TEXTS("Kerberos", "Advapi  ", "NtLmSsp ", "User32 "), 0},
    {"package", ENCODE_STRING, text_from, GENERATE_TEXTS("Kerberos", "Negotiate", "NTLM"), 0},
    {"lm_package", ENCODE_STRING, text_from, GENERATE_TEXTS("-", "NTLM V2", "NTLM V1"), 0},
    {"ntlm_package", ENCODE_STRING, text_from,
     GENERATE_TEXTS("MICROSOFT_AUTHENTICATION_PACKAGE_V1_0"), 0},
    {"key_length", ENCODE_U32, number_from, GENERATE_NUMBERS(0, 0, 128), 0},
    {"impersonation", ENCODE_STRING, text_from, GENERATE_TEXTS("%%1833", "%%1840", "%%1832"), 0},
    {"yes_no", ENCODE_STRING, text_from, GENERATE_TEXTS("%%1843", "%%1842"), 0},
    {"failure_reason", ENCODE_STRING, text_from,
     GENERATE_TEXTS("%%2313", "%%2304", "%%2310", "%%2307"), 0},
    {"elevation", ENCODE_STRING, text_from, GENERATE_TEXTS("%%1936", "%%1938", "%%1937"), 0},
    {"object_server", ENCODE_STRING, text_from, GENERATE_TEXTS("Security", "SC Manager", "DS"), 0},
    {"object_type", ENCODE_STRING, text_from,
     GENERATE_TEXTS("File", "Key", "Process", "SAM_USER", "Token"), 0},
    {"accesses", ENCODE_STRING, text_from,
     GENERATE_TEXTS("%%4416\n\t\t\t\t", "%%4417\n\t\t\t\t%%4418\n\t\t\t\t",
                    "%%1538\n\t\t\t\t%%1541\n\t\t\t\t%%4423\n\t\t\t\t", "%%4432\n\t\t\t\t"),
     0},
    {"access_reason", ENCODE_STRING, text_from,
     GENERATE_TEXTS(
         "-",
         "%%1538:\t%%1801\tD:(A;ID;FA;;;BA)\n\t\t\t\t%%1541:\t%%1801\tD:(A;ID;FA;;;SY)\n\t\t\t\t"),
     0},
    {"access_mask", ENCODE_HEX32, number_from,
     GENERATE_NUMBERS(1, 2, 0x10, 0x120089, 0x20, 0x1F01FF, 0x10000), 0},
    {"resource", ENCODE_STRING, text_from, GENERATE_TEXTS("S:AI", "-", "S:AI(AU;CISAFA;FA;;;WD)"),
     0},
    {"exit_status", ENCODE_HEX32, number_from,
     GENERATE_NUMBERS(0, 1, 0xC000013A, 0x40010004, 0xFFFFFFFF), 0},
    {"task_name", ENCODE_STRING, text_from,
     GENERATE_TEXTS("\\Contoso\\Nightly backup",
                    "\\Microsoft\\Windows\\UpdateOrchestrator\\Reboot_AC", "\\R&D <sync>"),
     0},
    {"task_content", ENCODE_STRING, task_content, NULL, 0},
    {"uac", ENCODE_STRING, text_from, GENERATE_TEXTS("0x0", "0x15", "0x210"), 0},
    {"uac_changes", ENCODE_STRING, text_from,
     GENERATE_TEXTS("-", "\n\t\t%%2080\n\t\t%%2082\n\t\t%%2084"), 0},
    {"never", ENCODE_STRING, text_from, GENERATE_TEXTS("%%1794", "%%1793"), 0},
    {"group_id", ENCODE_STRING, text_from, GENERATE_TEXTS("513", "515"), 0},
    {"ticket_options", ENCODE_HEX32, number_from,
     GENERATE_NUMBERS(0x40810000, 0x40810010, 0x60810010, 0x40800000), 0},
    {"encryption", ENCODE_HEX32, number_from, GENERATE_NUMBERS(0x12, 0x12, 0x17, 0xFFFFFFFF), 0},
    {"pre_auth", ENCODE_STRING, text_from, GENERATE_TEXTS("2", "0", "15", "-"), 0},
    {"ticket_status", ENCODE_HEX32, number_from, GENERATE_NUMBERS(0, 0, 0, 0x18, 0x6, 0x20), 0},
    {"share", ENCODE_STRING, text_from,
     GENERATE_TEXTS("\\\\*\\IPC$", "\\\\*\\SYSVOL", "\\\\*\\C$", "\\\\*\\Team <R&D>"), 0},
    {"share_path", ENCODE_STRING, text_from,
     GENERATE_TEXTS("", "\\??\\C:\\Windows\\SYSVOL\\sysvol", "\\??\\C:\\"), 0},
    {"direction", ENCODE_STRING, text_from, GENERATE_TEXTS("%%14593", "%%14592"), 0},
    {"protocol", ENCODE_U32, number_from, GENERATE_NUMBERS(6, 17, 17, 1, 58), 0},
    {"filter", ENCODE_U64, number_from,
     GENERATE_NUMBERS(0, 66312, 74982, 81030, 70301, 9007199254740993), 0},
    {"layer_name", ENCODE_STRING, text_from, GENERATE_TEXTS("%%14611", "%%14610", "%%14608"), 0},
    {"layer", ENCODE_U64, number_from, GENERATE_NUMBERS(48, 44, 36, 38), 0},
    {NULL, 0, NULL, NULL, 0},
};

static const event_spec events[] = {
    {4624, 2, 0, 0, 12544, SUCCESS, 110,
     SUBJECT "TargetUserSid:target_sid TargetUserName:target_name TargetDomainName:target_domain "
             "TargetLogonId:target_logon LogonType:logon_type LogonProcessName:logon_process "
             "AuthenticationPackageName:package WorkstationName:host LogonGuid:target_guid "
             "TransmittedServices:dash LmPackageName:lm_package KeyLength:key_length "
             "ProcessId:pid_hex ProcessName:image IpAddress:address IpPort:port_text "
             "ImpersonationLevel:impersonation RestrictedAdminMode:dash "
             "TargetOutboundUserName:dash TargetOutboundDomainName:dash VirtualAccount:yes_no "
             "TargetLinkedLogonId:handle ElevatedToken:yes_no",
     0, NULL, 0},
    {4634, 0, 0, 0, 12545, SUCCESS, 190,
     "TargetUserSid:target_sid TargetUserName:target_name TargetDomainName:target_domain "
     "TargetLogonId:target_logon LogonType:logon_type",
     0, NULL, 0},
    {4672, 0, 0, 0, 12548, SUCCESS, 80, SUBJECT "PrivilegeList:privileges", 0, NULL, 0},
    {5156, 1, 0, 0, 12810, SUCCESS, 120,
     "ProcessID:pid64 Application:image_device Direction:direction SourceAddress:address "
     "SourcePort:port_text DestAddress:address DestPort:port_text Protocol:protocol "
     "FilterRTID:filter LayerName:layer_name LayerRTID:layer RemoteUserID:null_sid "
     "RemoteMachineID:null_sid",
     0, NULL, 0},
    {5158, 0, 0, 0, 12810, SUCCESS, 120,
     "ProcessId:pid64 Application:image_device SourceAddress:address SourcePort:port_text "
     "Protocol:protocol FilterRTID:filter LayerName:layer_name LayerRTID:layer",
     0, NULL, 0},
    {4688, 2, 0, 0, 13312, SUCCESS, 80,
     SUBJECT
     "NewProcessId:pid_hex NewProcessName:image TokenElevationType:elevation ProcessId:pid_hex "
     "CommandLine:command TargetUserSid:null_sid TargetUserName:dash TargetDomainName:dash "
     "TargetLogonId:handle ParentProcessName:parent MandatoryLabel:label",
     0, NULL, 0},
    {4689, 0, 0, 0, 13313, SUCCESS, 100,
     SUBJECT "Status:exit_status ProcessId:pid_hex ProcessName:image", 0, NULL, 0},
    {4663, 1, 0, 0, 12800, SUCCESS, 50,
     SUBJECT "ObjectServer:object_server ObjectType:object_type ObjectName:file HandleId:handle "
             "AccessList:accesses AccessMask:access_mask ProcessId:pid_hex ProcessName:image "
             "ResourceAttributes:resource",
     0, NULL, 0},
    {4656, 1, 0, 0, 12800, SUCCESS, 20,
     SUBJECT "ObjectServer:object_server ObjectType:object_type ObjectName:file HandleId:handle "
             "TransactionId:null_guid AccessList:accesses AccessReason:access_reason "
             "AccessMask:access_mask PrivilegeList:dash RestrictedSidCount:key_length "
             "ProcessId:pid_hex ProcessName:image ResourceAttributes:resource",
     0, NULL, 0},
    {4625, 0, 0, 0, 12544, FAILURE, 30,
     SUBJECT
     "TargetUserSid:null_sid TargetUserName:target_name TargetDomainName:target_domain "
     "Status:status FailureReason:failure_reason SubStatus:status LogonType:logon_type "
     "LogonProcessName:logon_process AuthenticationPackageName:package WorkstationName:host "
     "TransmittedServices:dash LmPackageName:lm_package KeyLength:key_length ProcessId:pid_hex "
     "ProcessName:image IpAddress:address IpPort:port_text",
     0, NULL, 0},
    {4648, 0, 0, 0, 12544, SUCCESS, 15,
     SUBJECT "LogonGuid:subject_guid TargetUserName:target_name TargetDomainName:target_domain "
             "TargetLogonGuid:target_guid TargetServerName:fqdn TargetInfo:fqdn ProcessId:pid_hex "
             "ProcessName:image IpAddress:address IpPort:port_text",
     0, NULL, 0},
    {4769, 0, 0, 0, 14337, SUCCESS, 60,
     "TargetUserName:target_name TargetDomainName:target_domain ServiceName:any_name "
     "ServiceSid:any_sid TicketOptions:ticket_options TicketEncryptionType:encryption "
     "IpAddress:address IpPort:port_text Status:ticket_status LogonGuid:guid "
     "TransmittedServices:dash",
     0, NULL, 0},
    {4768, 0, 0, 0, 14339, SUCCESS, 25,
     TARGET
     "ServiceName:any_name ServiceSid:any_sid TicketOptions:ticket_options Status:ticket_status "
     "TicketEncryptionType:encryption PreAuthType:pre_auth IpAddress:address IpPort:port_text "
     "CertIssuerName:empty CertSerialNumber:empty CertThumbprint:empty",
     0, NULL, 0},
    {4776, 0, 0, 0, 14336, SUCCESS, 60,
     "PackageName:ntlm_package TargetUserName:target_name Workstation:host Status:status", 0, NULL,
     0},
    {5140, 1, 0, 0, 12808, SUCCESS, 40,
     SUBJECT "ObjectType:object_type IpAddress:address IpPort:port_text ShareName:share "
             "ShareLocalPath:share_path AccessMask:access_mask AccessList:accesses",
     0, NULL, 0},
    {4698, 0, 0, 0, 12804, SUCCESS, 2, SUBJECT "TaskName:task_name TaskContent:task_content", 0,
     NULL, 0},
    {4720, 0, 0, 0, 13824, SUCCESS, 2,
     TARGET SUBJECT
     "PrivilegeList:dash SamAccountName:target_name DisplayName:any_name UserPrincipalName:dash "
     "HomeDirectory:dash HomePath:dash ScriptPath:dash ProfilePath:dash UserWorkstations:dash "
     "PasswordLastSet:never AccountExpires:never PrimaryGroupId:group_id AllowedToDelegateTo:dash "
     "OldUacValue:uac NewUacValue:uac UserAccountControl:uac_changes UserParameters:dash "
     "SidHistory:dash LogonHours:never",
     0, NULL, 0},
    {4728, 0, 0, 0, 13826, SUCCESS, 2,
     "MemberName:dash MemberSid:any_sid " TARGET SUBJECT "PrivilegeList:dash", 0, NULL, 0},
    {4732, 0, 0, 0, 13826, SUCCESS, 2,
     "MemberName:dash MemberSid:any_sid " TARGET SUBJECT "PrivilegeList:dash", 0, NULL, 0},
    {4740, 0, 0, 0, 13824, SUCCESS, 2, TARGET SUBJECT, 0, NULL, 0},
};

static const provider_spec providers[] = {
    {"Microsoft-Windows-Security-Auditing", "{54849625-5478-4994-a5ba-3e3b0328c30d}", "Security",
     false, false, true, events, sizeof events / sizeof events[0]},
};

static const value_source *const source_lists[] = {sources, generate_common_sources, NULL};

const profile profile_security = {
    .name = "security",
    .providers = providers,
    .provider_count = 1,
    .sources = source_lists,
    .hosts = 1,
    .bursts = 92,
    .pause = 400,
};
