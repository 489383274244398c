// SPDX-License-Identifier: Apache-2.0
// Scripts with blocks, functions and the words before a command.
#include <gtest/gtest.h>

#include "config/shell_bench.h"

namespace undine {
namespace {

using testing::ShellBench;

TEST(Steering, IfTakesTheFirstBranchThatHolds) {
  ShellBench bench;
  constexpr std::string_view text =
      "#!ipxe\n"
      "if iseq ${x} 1\n"
      "  echo one\n"
      "else if iseq ${x} 2 || iseq ${x} two\n"
      "  echo two\n"
      "else if isset ${x} && iseq ${x} 3\n"
      "  echo three\n"
      "else\n"
      "  echo other\n"
      "end\n"
      "echo behind\n";
  for (const auto& [value, shown] : {std::pair{"1", "one"}, {"2", "two"}, {"two", "two"}, {"3", "three"}, {"4", "other"}}) {
    bench.line(std::string("set x ") + value);
    EXPECT_EQ(bench.run(text), std::string(shown) + "\nbehind\n");
    EXPECT_TRUE(bench.status);
  }
}

TEST(Steering, WhileAndForGoRoundAndCanBeLeft) {
  ShellBench bench;
  EXPECT_EQ(bench.run("set i 0\n"
                      "while is ${i} < 10\n"
                      "  inc i\n"
                      "  if is ${i} == 2\n"
                      "    continue\n"
                      "  end\n"
                      "  is ${i} == 4 && break ||\n"
                      "  for word in a 'b c' ${list}\n"
                      "    iseq ${word} c && continue ||\n"
                      "    echo ${i}${word}\n"
                      "  end\n"
                      "end\n"
                      "for none in ${unset}\n"
                      "  echo never\n"
                      "end\n"
                      "echo ${i}${word}\n"),
            "1a\n1b\n3a\n3b\n4c\n");
  EXPECT_TRUE(bench.status);
  bench.line("set list 'x  y'");
  EXPECT_EQ(bench.run("#!ipxe\nfor m in ${list} z\necho ${m}\nend\n"), "x\ny\nz\n") << "a list is a text with blanks";
}

TEST(Steering, GotoLeavesLoopsAndComesBackToThem) {
  ShellBench bench;
  EXPECT_EQ(bench.run("#!ipxe\n"
                      ":again\n"
                      "inc n\n"
                      "for i in 1 2\n"
                      "  iseq ${n} 3 && goto out ||\n"
                      "  for j in 1 2\n"
                      "    echo ${n}${i}${j}\n"
                      "    iseq ${n}${j} 11 && goto again ||\n"
                      "  end\n"
                      "end\n"
                      "goto again\n"
                      ":out\n"
                      "echo out\n"),
            "111\n211\n212\n221\n222\nout\n");
  EXPECT_EQ(bench.run("inc turns\n:anew\nfor i in a b\n  inc turns\n  iseq ${turns} 3 && goto anew ||\n  echo ${turns}${i}\nend\necho out\n"), "2a\n4a\n5b\nout\n")
      << "a loop that `goto` comes back to begins anew, and ends once";
  EXPECT_EQ(bench.run("goto inside\nif iseq a b\n:inside\nend\n"), "test:1: goto: inside: the script has no such label, or it is within a block [script.no-label]\n");
}

TEST(Steering, CtrlCEndsEveryLoop) {
  ShellBench bench;
  bench.clock.each_look = 1_ms;
  bench.console.keys.push_back(Key::ctrl_c);
  EXPECT_EQ(bench.run("while iseq a a\nend\n"), "test:2: end: cancelled by Ctrl-C [user.cancelled]\n");
  bench.console.keys.push_back(Key::ctrl_c);
  EXPECT_EQ(bench.run("on-error more\n:more\nwhile not iseq a b\n  sleep 1 || echo went on\nend\n"),
            "test:4: sleep: cancelled by Ctrl-C [user.cancelled]\nwent on\ntest:5: end: cancelled by Ctrl-C [user.cancelled]\n");
  EXPECT_FALSE(bench.status);
  bench.console.keys.push_back(Key::ctrl_c);
  EXPECT_EQ(bench.run("retry 9 sleep 1\n"), "test:1:9: sleep: cancelled by Ctrl-C [user.cancelled]\n");
  bench.console.keys.push_back(Key::ctrl_c);
  EXPECT_EQ(bench.run("try sleep 1\necho never\n"), "test:1:5: sleep: cancelled by Ctrl-C [user.cancelled]\n");
  bench.console.keys.push_back(Key::ctrl_c);
  EXPECT_EQ(bench.run("while not sleep 1\nend\necho never\n"), "test:1:11: sleep: cancelled by Ctrl-C [user.cancelled]\n");
  bench.console.keys.push_back(Key::ctrl_c);
  EXPECT_NE(bench.run("on-error t\n:t\non-error t\nimgstat nothing\n").find("cancelled by Ctrl-C [user.cancelled]\n"), std::string::npos);
  EXPECT_FALSE(bench.status);
  bench.console.keys.push_back(Key::ctrl_c);
  EXPECT_NE(bench.run("function f\n  f || f\nend\nf\n").find("cancelled by Ctrl-C [user.cancelled]\n"), std::string::npos);
  EXPECT_FALSE(bench.status);
}

TEST(Steering, FunctionsHaveArgumentsAndNamesOfTheirOwn) {
  ShellBench bench;
  EXPECT_EQ(bench.run("set who outside\n"
                      "greet world\n"
                      "greet 'you two' loudly and || echo not\n"
                      "echo ${who} ${how} ${n}\n"
                      "function greet who [how] rest...\n"
                      "  local n 5\n"
                      "  echo hello ${who} ${how} ${rest} ${n}\n"
                      "  isset ${how} && return 7 ||\n"
                      "  set greeted ${who}\n"
                      "end\n"
                      "echo ${greeted}\n"
                      "greet\n"
                      "echo never\n"),
            "hello world   5\nhello you two loudly and 5\nnot\noutside  \nworld\n"
            "test:12: greet: who: something is missing behind the command; try 'help COMMAND' [usage.few]\n");
  EXPECT_EQ(bench.run("f 1 2\nfunction f a\nend\n"), "test:1: f: 2: there is more behind the command than it takes; try 'help COMMAND' [usage.many]\n");
  EXPECT_EQ(bench.run("f\nfunction f\nreturn 3\nend\n"), "test:1: f: the function ended with 'return', status 3 [script.return]\n");
  EXPECT_EQ(bench.run("return\n"), "test:1: return: this works only in a function [script.no-function]\n");
  EXPECT_EQ(bench.run("local x\n"), "test:1: local: this works only in a function [script.no-function]\n");
  EXPECT_EQ(bench.line("greet x"), "greet: there is no such command; 'help' lists them [command.unknown]\n") << "functions are the script's";
}

TEST(Steering, AFunctionsErrorIsSaidWithTheTraceOfItsCallers) {
  ShellBench bench;
  EXPECT_EQ(bench.run("function inner\n"
                      "  imgstat nothing\n"
                      "end\n"
                      "function outer\n"
                      "  echo in && inner && echo never\n"
                      "end\n"
                      "outer || echo dealt with\n"
                      "outer\n"
                      "echo never\n"),
            "in\n"
            "test:2: imgstat: nothing: there is no image of that name; 'imgstat' lists them [image.unknown]\n"
            "test:5:14: inner: the function ended with an error [script.function-failed]\n"
            "dealt with\n"
            "in\n"
            "test:2: imgstat: nothing: there is no image of that name; 'imgstat' lists them [image.unknown]\n"
            "test:5:14: inner: the function ended with an error [script.function-failed]\n"
            "test:8: outer: the function ended with an error [script.function-failed]\n");
  EXPECT_EQ(bench.line("echo ${error-name} ${error-about}"), "image.unknown nothing\n");
}

TEST(Steering, RecursionIsBoundedAndExitLeavesItAll) {
  ShellBench bench;
  EXPECT_EQ(bench.run("function f n\n"
                      "  if is ${n} > 1\n"
                      "    let m = ${n} - 1\n"
                      "    f ${m}\n"
                      "    let r = ${r} * ${n}\n"
                      "  else\n"
                      "    set r 1\n"
                      "  end\n"
                      "end\n"
                      "f 10\n"
                      "echo ${r}\n"),
            "3628800\n");
  const std::string deep = bench.run("function f\nf || exit 5\nend\nf\necho never\n");
  EXPECT_EQ(deep, "test:2: f: functions and scripts call each other more than 32 deep [script.function-nested]\n");
  EXPECT_EQ(bench.status.error().cause().name, "script.exit");
  EXPECT_EQ(bench.run("function f\nexit\nend\nf\necho never\n"), "");
  EXPECT_TRUE(bench.status);
}

TEST(Steering, AValueIsNeverACommandBehindAnyWord) {
  ShellBench bench;
  bench.line("set cmd reboot");
  for (const char* line : {"not ${cmd}", "try ${cmd}", "retry 3 ${cmd}", "if ${cmd}\nend", "while ${cmd}\nend", "try not ${cmd}", "if try ${cmd}\nend", "time ${cmd}"})
    EXPECT_NE(bench.run("#!ipxe\n" + std::string(line) + "\n").find("[script.value-as-command]"), std::string::npos) << line;
  EXPECT_EQ(bench.machine.reboots, 0);
}

TEST(Steering, TryKeepsTheErrorAndGoesOn) {
  ShellBench bench;
  EXPECT_EQ(bench.run("#!ipxe\n"
                      "try imgfetch http://h/none\n"
                      "echo ${error-name}: ${error-about}: ${error}\n"
                      "try echo fine\n"
                      "isset ${error-name} || echo no error\n"
                      "if try exit 2\n"
                      "end\n"
                      "echo never\n"),
            "http.status: http://h/none: the server answered 404 [http.status]\nfine\nno error\n");
  EXPECT_EQ(bench.run("try\n"), "test:1: try: something is missing behind the command; try 'help COMMAND' [usage.few]\n");
  EXPECT_EQ(bench.run("not not not not not not not not not iseq a b\n"),
            "test:1:37: iseq: there is more behind the command than it takes; try 'help COMMAND' [usage.many]\n");
}

TEST(Steering, NotTurnsAnAnswerRound) {
  ShellBench bench;
  EXPECT_EQ(bench.run("not isest x\n"), "test:1:5: isest (perhaps 'set'?): there is no such command; 'help' lists them [command.unknown]\n");
  EXPECT_EQ(bench.run("if isest x\nend\necho never\n"), "test:1:4: isest (perhaps 'set'?): there is no such command; 'help' lists them [command.unknown]\n");
  EXPECT_EQ(bench.run("not iseq a b && echo 1\nnot iseq a a || echo 2\nif not isset ${x}\necho 3\nend\nnot iseq a a\n"),
            "1\n2\n3\ntest:6: not: the command worked [test.worked]\n");
}

TEST(Steering, RetryAsksAgainAfterPauses) {
  ShellBench bench;
  const Instant before = bench.clock.time;
  EXPECT_EQ(bench.run("#!ipxe\nset n 3\nretry ${n} imgfetch http://h/none || echo gave up\n"),
            "test:3:12: imgfetch: http://h/none: the server answered 404 [http.status]\n"
            "test:3:12: imgfetch: http://h/none: the server answered 404 [http.status]\n"
            "test:3:12: imgfetch: http://h/none: the server answered 404 [http.status]\n"
            "gave up\n");
  EXPECT_EQ(bench.files.asked.size(), 3u);
  EXPECT_GE(bench.clock.time.since(before), 3_s);
  EXPECT_EQ(bench.run("retry 2 inc i && echo ${i}\n"), "1\n");
  EXPECT_EQ(bench.run("retry 08 inc i\n"), "") << "decimal: the word is not iPXE's";
  EXPECT_EQ(bench.run("retry often inc i\n"), "test:1:13: inc: often: a number is needed here, from 0 to 1000 [usage.number]\n");
}

TEST(Steering, OnErrorLeadsToItsLabelOnce) {
  ShellBench bench;
  EXPECT_EQ(bench.run("on-error trouble\n"
                      "for i in 1 2\n"
                      "  echo ${i}\n"
                      "  imgstat none\n"
                      "end\n"
                      "exit\n"
                      ":trouble\n"
                      "echo trouble: ${error-name}\n"
                      "imgstat none\n"
                      "echo never\n"),
            "1\n"
            "test:4: imgstat: none: there is no image of that name; 'imgstat' lists them [image.unknown]\n"
            "trouble: image.unknown\n"
            "test:9: imgstat: none: there is no image of that name; 'imgstat' lists them [image.unknown]\n");
  EXPECT_FALSE(bench.status);
  EXPECT_EQ(bench.run("on-error x\non-error\nimgstat none\n:x\necho never\n"),
            "test:3: imgstat: none: there is no image of that name; 'imgstat' lists them [image.unknown]\n");
  EXPECT_EQ(bench.run("on-error nowhere\nisset ''\n"),
            "test:2: isset: the value is empty [test.empty]\ntest:2: nowhere: the script has no such label, or it is within a block [script.no-label]\n");
}

TEST(Steering, IncludeRunsAFileOnceAndBringsItsFunctions) {
  ShellBench bench;
  bench.files.files = {{"http://h/lib", "#!undine\ninclude other\necho in lib\nfunction hello\necho \"hello from ${cwuri}\"\nend\n"},
                       {"http://h/other", "#!ipxe\ninclude lib\necho in other\nexit\necho never\n"},
                       {"http://h/page", "<html>"}};
  EXPECT_EQ(bench.run("include http://h/lib\ninclude http://h/lib\nhello\nimgstat\n"),
            "http://h/lib: 81 B\nhttp://h/other: 49 B\nin other\nin lib\nhello from http://h/lib\n");
  EXPECT_TRUE(bench.status);
  EXPECT_EQ(bench.run("include http://h/page\n"),
            "http://h/page: 6 B\n"
            "test:1: include: http://h/page: only a script can be included: its first line must be #!undine, #!ipxe or #!gpxe [include.no-script]\n");
  bench.files.files["http://h/lib"] = "#!undine\nchain --replace http://h/new\n";
  bench.files.files["http://h/new"] = "#!undine\necho new\n";
  EXPECT_EQ(bench.run("include http://h/lib\necho never\n"), "http://h/lib: 38 B\nhttp://h/new: 18 B\nnew\n");
}

TEST(Steering, WrongBlocksStopOurScriptsBeforeTheyBeginAndOthersWhereTheyAreMet) {
  ShellBench bench;
  EXPECT_EQ(bench.run("#!undine\necho never\n  if isset x\n"), "test:3:3: the block that begins here has no 'end' [script.block-open]\n");
  EXPECT_EQ(bench.run("#!ipxe\necho first\nelse\n"), "first\ntest:3:1: else: no block is open here that this could belong to [script.block-closed]\n");
  EXPECT_EQ(bench.run("#!ipxe\nexit\nif what follows is no script\n"), "");
  EXPECT_TRUE(bench.status);
  EXPECT_EQ(bench.run("echo a ; if isset x\n"), "a\ntest:1:10: if: this word begins a line, or there is no block here [script.block-place]\n");
  EXPECT_EQ(bench.line("if isset x"), "if: this word begins a line, or there is no block here [script.block-place]\n");
  EXPECT_EQ(bench.run("echo 'a\n"), "test:1:6: a quotation mark is opened but not closed on the line [script.open-quote]\n");
}

TEST(Steering, LocalValuesAreBounded) {
  ShellBench bench;
  bench.line("set big " + std::string(1000, 'x'));
  const std::string shown = bench.run("function f n\n local big ${big}\n local big ${big}\n local big ${big}\n f x\nend\nf x\n");
  EXPECT_NE(shown.find("[settings.full]"), std::string::npos) << shown;
  EXPECT_EQ(bench.line("let n length ${big} ; echo ${n}"), "1000\n") << "all was put back";
}

TEST(Let, WorksOnNumbersTextAndLists) {
  ShellBench bench;
  EXPECT_EQ(bench.line("let n = 2 + 3 * 4 ; let n:uint8 = ${n} + 1 ; echo ${n}"), "0xf\n");
  EXPECT_EQ(bench.line("let s part abcdef 2 3 ; echo ${s}"), "cde\n");
  EXPECT_EQ(bench.line("let s part abcdef -2 ; echo ${s}"), "ef\n");
  EXPECT_EQ(bench.line("let s replace a-b-c - : ; echo ${s} ; let s replace a-b - ; echo ${s}"), "a:b:c\nab\n");
  EXPECT_EQ(bench.line("let l split 10.0.0.5 . ; let o pick -1 ${l} ; let n count ${l} ; echo ${l} ${o} ${n} ; let s join / ${l} ; echo ${s}"), "10 0 0 5 5 4\n10/0/0/5\n");
  EXPECT_EQ(bench.line("let s before user@host @ ; let t after user@host @ ; echo ${s} ${t}"), "user host\n");
  EXPECT_EQ(bench.line("let s upper ab1 ; let t lower ÄB ; let n length ${s} ; echo ${s} ${n}"), "AB1 3\n");
  EXPECT_EQ(bench.line("let s part abc"), "let: part: something is missing behind the command; try 'help COMMAND' [usage.few]\n");
  EXPECT_EQ(bench.line("let s lower a b"), "let: b: there is more behind the command than it takes; try 'help COMMAND' [usage.many]\n");
  EXPECT_EQ(bench.line("let s turn a"), "let: turn: there is no such operation; 'help let' lists them [let.operation]\n");
  EXPECT_EQ(bench.line("let n = 1 + ${unset}"),
            "let: n: that is no expression of whole numbers, + - * / %, comparisons and brackets; an unset value is no number. Wrong at character 5 [calc.malformed]\n");
}

TEST(Is, AnswersAboutNumbersPatternsAndLists) {
  ShellBench bench;
  EXPECT_EQ(bench.line("is 3 < 4 && echo 1 ; is 4 < 3 || echo 2 ; is -5 < (2 - 1) && echo 3"), "1\n2\n3\n");
  EXPECT_EQ(bench.line("is 52:54:00:12:34:56 like 52:54:* && echo 1 ; is abc like b* || echo 2 ; is '' like '*' && echo 3"), "1\n2\n3\n");
  EXPECT_EQ(bench.line("is b in a b c && echo 1 ; is b in 'a b' && echo 2 ; is b in || echo 3 ; is '' in a || echo 4"), "1\n2\n3\n4\n");
  EXPECT_EQ(bench.line("is 1 > 2"), "is: it is not so [test.false]\n");
}

TEST(Dialects, OnlyOurOwnLooksAtNoValueAgain) {
  ShellBench bench;
  bench.line("set inner I ; set outer 'x${inner}y'");
  EXPECT_EQ(bench.run("#!ipxe\necho ${outer}\n"), "xIy\n");
  EXPECT_EQ(bench.run("#!undine\necho ${outer}\n"), "x${inner}y\n");
  bench.line("set endless '${endless}'");
  EXPECT_EQ(bench.run("#!ipxe\necho ${endless}\n"), "test:2: echo: settings name settings more than 256 times in one word; one of them may name itself [script.endless-value]\n");
  bench.line("set growing '${growing}${growing}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'");
  EXPECT_NE(bench.run("#!ipxe\necho ${growing}\n").find("[script."), std::string::npos);
}

}  // namespace
}  // namespace undine
