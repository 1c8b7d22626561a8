/** What `lianshu conform --help` says; apart from the command, which loads much more. */

export const conformHelp = `  --all                              全部方言  every dialect, operation, notice, code and fault
  <kind>[/<vendor>]                  一个适配器或方言  one adapter or dialect: bank, bank/open
  --plant <kind>[/<vendor>][:<bug>]  埋入一个缺陷，必须失败  with a planted bug: this must fail, and says by which cases
  --prove [<kind>[/<vendor>]]        逐个埋入全部缺陷，全部被发现才算通过  plants every bug in turn; good when each is caught
  --json                             一行 JSON  one line: adapters, dialects, operations, cases, passed, failed, failures, limits

  退出码 exit code: 0 全部通过 all kept, 1 有失败 something failed or was missed, 2 用法 not understood
  一个方言如何进入套件：docs/conformance.md  how a dialect enters the suite: docs/conformance.md`;
