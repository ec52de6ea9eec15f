// SPDX-License-Identifier: MIT
// System: services, kernel, time, DNS client, and classic sources with string arrays.
#include "gen/generator.h"

#define EVENTS(list) list, sizeof(list) / sizeof((list)[0])

static encode_value update_title(generator *g, const value_source *from)
{
    uint32_t begin = text_begin(g);
    text_add(g, pick_ascii(g, from->list));
    text_add(g, " (KB");
    text_add_number(g, 5000000 + random_skewed(g, 60000), 7);
    text_add(g, ")");
    return text_value_end(g, begin);
}

static const value_source sources[] = {
    {"service", ENCODE_STRING, text_from,
     GENERATE_TEXTS(
         "Windows Update", "Software Protection", "Background Intelligent Transfer Service",
         "WMI Performance Adapter", "Windows Modules Installer", "Device Setup Manager",
         "Contoso \"Backup\" & Restore", "Microsoft Account Sign-in Assistant", "Print Spooler",
         "Netzwerkverbindungs-Broker f\xfcr Dienste", "Windows Error Reporting Service"),
     0},
    {"service_key", ENCODE_STRING, text_from,
     GENERATE_TEXTS("wuauserv", "sppsvc", "BITS", "wmiApSrv", "TrustedInstaller", "DsmSvc",
                    "ContosoBackup"),
     0},
    {"state", ENCODE_STRING, text_from, GENERATE_TEXTS("running", "stopped"), 0},
    {"start_type", ENCODE_STRING, text_from,
     GENERATE_TEXTS("demand start", "auto start", "disabled"), 0},
    {"service_type", ENCODE_STRING, text_from,
     GENERATE_TEXTS("user mode service", "kernel mode driver"), 0},
    {"account", ENCODE_STRING, text_from,
     GENERATE_TEXTS("LocalSystem", "NT AUTHORITY\\LocalService", ""), 0},
    {"update", ENCODE_STRING, update_title,
     GENERATE_TEXTS("Security Intelligence Update for Microsoft Defender Antivirus",
                    "Cumulative Update for .NET Framework 3.5, 4.8 & 4.8.1",
                    "Windows Malicious Software Removal Tool"),
     0},
    {NULL, 0, NULL, NULL, 0},
};

static const event_spec service_control[] = {
    {7036, 0, 4, 0, 0, 0x8080000000000000, 200, "param1:service param2:state Binary:binary", 0,
     NULL, 0},
    {7040, 0, 4, 0, 0, 0x8080000000000000, 40,
     "param1:service param2:start_type param3:start_type param4:service_key", 0, NULL, 0},
    {7045, 0, 4, 0, 0, 0x8080000000000000, 15,
     "ServiceName:service ImagePath:command ServiceType:service_type StartType:start_type "
     "AccountName:account",
     0, NULL, 0},
    {7031, 0, 2, 0, 0, 0x8080000000000000, 4,
     "param1:service param2:small32 param3:small32 param4:small32 param5:state", 0, NULL, 0},
};

static const event_spec kernel_general[] = {
    {1, 2, 4, 0, 5, 0x8000000000000010, 10, "NewTime:filetime OldTime:filetime Reason:small32", 0,
     NULL, 0},
    {12, 0, 4, 0, 1, 0x8000000000000080, 4,
     "MajorVersion:small32 MinorVersion:small32 BuildVersion:small32 QfeVersion:small32 "
     "ServiceVersion:small32 BootMode:small32 StartTime:filetime",
     0, NULL, 0},
    {16, 0, 4, 0, 0, 0x8000000000000000, 25,
     "HiveNameLength:small16 HiveName:registry KeysUpdated:small32 DirtyPages:small32", 0, NULL, 0},
};

static const event_spec event_log[] = {
    {6005, 0, 4, 0, 0, 0x80000000000000, 4, "[]:strings Binary:binary", SHAPE_CLASSIC, NULL,
     0x8000},
    {6013, 0, 4, 0, 0, 0x80000000000000, 12, "[]:strings Binary:binary", SHAPE_CLASSIC, NULL,
     0x8000},
    {6008, 0, 2, 0, 0, 0x80000000000000, 3, "[]:strings Binary:binary", SHAPE_CLASSIC, NULL,
     0x8000},
};

static const event_spec dns_client[] = {
    {1014, 0, 3, 0, 1014, 0x4000000000000000, 30,
     "QueryName:dns_name AddressLength:small32 Address:binary ClientPID:pid32", 0, NULL, 0},
};

static const event_spec group_policy[] = {
    {1500, 0, 4, 1, 0, 0x8000000000000000, 15,
     "SupportInfo1:small32 SupportInfo2:small32 ProcessingMode:small32 "
     "ProcessingTimeInMilliseconds:small32 DCName:fqdn",
     0, NULL, 0},
    {1129, 0, 2, 1, 0, 0x8000000000000000, 4,
     "SupportInfo1:small32 SupportInfo2:small32 ProcessingMode:small32 "
     "ProcessingTimeInMilliseconds:small32 ErrorCode:small32 ErrorDescription:image_about",
     0, NULL, 0},
};

static const event_spec update_client[] = {
    {19, 1, 4, 13, 1, 0x8000000000000018, 20,
     "updateTitle:update updateGuid:guid updateRevisionNumber:small32 serviceGuid:guid", 0, NULL,
     0},
    {43, 1, 4, 13, 1, 0x8000000000000018, 15,
     "updateTitle:update updateGuid:guid updateRevisionNumber:small32", 0, NULL, 0},
};

static const event_spec time_service[] = {
    {35, 0, 4, 0, 0, 0x8000000000000000, 10,
     "TimeSource:fqdn TimeSourceRefId:hex32 CurrentStratumNumber:small32", 0, NULL, 0},
    {37, 0, 4, 0, 0, 0x8000000000000000, 10, "TimeSource:fqdn", 0, NULL, 0},
};

static const event_spec user_plug[] = {
    {20001, 0, 4, 0, 7005, 0x8000000000000000, 6,
     "DriverName:file DriverVersion:address DriverProvider:image_company "
     "DeviceInstanceID:registry SetupClass:guid RebootOption:bool UpgradeDevice:bool "
     "IsDriverOEM:bool InstallStatus:hex32 DriverDescription:image_about",
     SHAPE_USER_DATA, "InstallDeviceID", 0},
    {20003, 0, 4, 0, 7005, 0x8000000000000000, 6,
     "ServiceName:service_key DriverFileName:file DeviceInstanceID:registry PrimaryService:bool "
     "UpdateService:bool AddServiceStatus:hex32",
     SHAPE_USER_DATA, "AddServiceID", 0},
};

static const event_spec event_log_service[] = {
    {104, 1, 4, 0, 104, 0x8000000000000000, 3,
     "SubjectUserName:subject_name SubjectDomainName:subject_domain Channel:state BackupPath:file",
     SHAPE_USER_DATA, "LogFileCleared", 0},
};

static const event_spec distributed_com[] = {
    {10016, 0, 3, 0, 0, 0x8080000000000000, 60,
     "param1:state param2:state param3:state param4:registry param5:registry "
     "param6:subject_domain param7:subject_name param8:any_name param9:address param10:dash "
     "param11:dash",
     0, NULL, 0},
};

static const event_spec disk[] = {
    {153, 0, 3, 0, 0, 0x80000000000000, 8, "[]:strings Binary:binary", SHAPE_CLASSIC, NULL, 0x8004},
};

static const provider_spec providers[] = {
    {"Service Control Manager", "{555908d1-a6d7-4695-8e1e-26931d2012f4}", "System", true, false,
     false, EVENTS(service_control)},
    {"Microsoft-Windows-Kernel-General", "{a68ca8b7-004f-d7b6-a698-07e2de0f1f5d}", "System", false,
     true, false, EVENTS(kernel_general)},
    {"EventLog", NULL, "System", false, false, false, EVENTS(event_log)},
    {"Microsoft-Windows-DNS-Client", "{1c95126e-7eea-49a9-a3fe-a378b03ddb4d}", "System", false,
     true, true, EVENTS(dns_client)},
    {"Microsoft-Windows-GroupPolicy", "{aea1b4fa-97d1-45f2-a64c-4d69fffd92c9}", "System", false,
     true, true, EVENTS(group_policy)},
    {"Microsoft-Windows-WindowsUpdateClient", "{945a8954-c147-4acd-923f-40c45405a658}", "System",
     false, true, true, EVENTS(update_client)},
    {"Microsoft-Windows-Time-Service", "{06edcfeb-0fd0-4e53-acca-a6f8bbf81bcb}", "System", false,
     true, false, EVENTS(time_service)},
    {"Microsoft-Windows-UserPnp", "{96f4a050-7e31-453c-88be-9634f4e02139}", "System", false, true,
     false, EVENTS(user_plug)},
    {"Microsoft-Windows-Eventlog", "{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}", "System", false, true,
     false, EVENTS(event_log_service)},
    {"Microsoft-Windows-DistributedCOM", "{1b562e86-b7aa-4131-badc-b6f3a001407e}", "System", true,
     true, false, EVENTS(distributed_com)},
    {"disk", NULL, "System", false, false, false, EVENTS(disk)},
};

static const value_source *const source_lists[] = {sources, generate_common_sources, NULL};

const profile profile_system = {
    .name = "system",
    .providers = providers,
    .provider_count = sizeof providers / sizeof providers[0],
    .sources = source_lists,
    .hosts = 1,
    .bursts = 75,
    .pause = 60000,
};
