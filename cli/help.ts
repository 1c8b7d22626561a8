/** What `lianshu <command> --help` says beyond a command's own line; apart from the commands, which load much more. */

export const hubHelp = `  DATABASE_URL   PostgreSQL 14 或以上；不设则自带一个  PostgreSQL 14 or later; without it the hub brings one along
  NATS_URL       多节点总线，如 nats://10.0.0.5:4222；不设则只有一个节点  the bus between several nodes; without it there is one node
  LIANSHU_HOME   本节点的目录：setup.json、keys/  this node's folder with setup.json and keys/
  LIANSHU_PORT   本节点的端口  this node's port
  LIANSHU_RETENTION_DAYS        历史保留天数，默认 400  days for which the steps of ended runs are kept (see: history)
  OTEL_EXPORTER_OTLP_ENDPOINT   链路追踪，OTLP/HTTP；不设则不追踪  where traces go; without it there are none
  OTEL_TRACES_SAMPLER_ARG       追踪比例 0–1，默认 1  the share of runs that is traced

  多节点：各节点同一 DATABASE_URL、同一 NATS_URL、同样的 setup.json 与 keys/，各自的 LIANSHU_HOME。数据库迁移自动排队；
  每个运行只归一个节点，节点失联 3 秒后由其他节点接管；NATS 只是门铃，断开时仅变慢。
  Several nodes: the same DATABASE_URL, the same NATS_URL, the same setup.json and keys/, each its own LIANSHU_HOME.
  Migrations take turns; each run belongs to one node, and to another 3 s after that node fell silent; NATS is only a
  doorbell: while it is away things are slower, nothing else.`;

export const historyHelp = `  --run                    立即执行  see to it now: make the weeks to come, drop those whose time is over
  LIANSHU_RETENTION_DAYS   历史保留天数，默认 400，由平台启动时写入数据库，对所有节点有效
                           days for which ended runs are kept; the hub writes it into the database when it starts, for all nodes

  未结束的运行、凭证与原始报文不在清除之列  runs that live, effects and raw messages are never dropped`;

export const chaosHelp = `  postgres       每 5 秒杀死并重启数据库，其间随机断开连接  the database killed every 5 s, its backends terminated in between
                 --seconds <120> --nodes <1>
  nodes          两个节点：杀死、冻结、断开 NATS、清空队列  two nodes: killed, frozen, cut off NATS, their queue deleted
                 --times <2> --faults <kill,freeze,cut,nats,queue>
  hub            真实平台与全部模拟方，其间杀死数据库  the hub with its counterparties, the database killed --seconds <120>
  --rate <20>    每秒订单  orders per second
  --seed <1>     同一种子，同一选择  the same seed makes the same choices

  退出码 0：已应答的不丢失、不重复、不停滞，且按时恢复  exit code 0: nothing acknowledged is lost, doubled or stuck, and flows go on in time`;

export const crashHelp = `  <story> ...      只讲这些场景  these scenarios only (lianshu scenario list); without: those that pass through every flow
  --points <1000>  杀死次数  how often the hub is killed by SIGKILL: before, inside and after every journal write, every
                   request and every message kept, of every flow
  --seed <1>       同一种子，同一选择  the same seed makes the same choices
  --json           最后一行为 JSON  the last line on stdout is one JSON document
  --keep           保留目录  keep the folder with databases, logs and the counterparties' own records

  退出码 0：无丢失、无重复、无卡住  exit code 0: nothing lost, nothing twice, nothing stuck`;

export const configurationHelp = `  list                        全部版本  every version with its state
  show <id>                   一个版本及其经办与复核，如 PRODUCT/spot-pledge@1  one version and who agreed to it
  draft <kind> <code> <file>  起草下一版本并提交复核，kind 为 PRODUCT、TEMPLATE、RULES  the next version, handed over for checking
  publish <id>                复核并生效，复核人须为另一人  another person checks it: in force from now on, the one before retires
  decisions [<case>]          规则决策及依据  what rules decided: inputs, version, and the reason of each rule

  退出码 0 完成，1 被拒绝，2 用法不对  exit code 0 done, 1 refused, 2 wrong usage`;

export const contractsHelp = `  list             全部契约：中文名、版本、类别、文件  every contract: Chinese title, version, kind, file
                   --kind entity|message|operation|notice
  show <name>      字段、单位、限制、法规来源、个人信息标记  its fields: unit, limits, source in law, mark for personal data
  publish          生成 contracts/published/，供合作方下载  write the JSON Schema files that partners download; a change that
                   could break a partner is refused, with the field, until the contract has a new version
  check            发布文件与代码一致、且兼容  the files are what the code makes and nothing is broken (part of npm run check)`;

export const checkHelp = `  单元测试：不需要服务器的全部运行；需要 PostgreSQL 或对手方的，只运行触及改动文件者
  unit tests: all that need no server; of those that start PostgreSQL or a counterparty, the ones that reach a file which
  changed since the last commit. npm test runs everything.

  --static   不运行单元测试  no unit tests
  --all      单元测试全部运行  every unit test, changed or not`;

export const faultHelp = `  refuse-connection       拒绝连接  the socket is closed before anything is read
  timeout-before-effect   超时，未办理  no answer at all, and nothing was done
  timeout-after-effect    超时，已办理  no answer at all, and it was done
  reset-after-effect      已办理，应答中断  it was done, and the connection breaks in the middle of the answer
  error-500               服务器错误页  a page instead of an answer, and nothing was done
  garbage                 已办理，应答乱码  it was done, and the answer is noise
  slow                    已办理，应答迟到  it was done, and the answer comes late

  --operation <name>      只对该接口  only that operation; without it, every one
  --times <n>             影响次数  how many requests it hits (default 1; with --for: every one)
  --for <30s|2m|1h>       持续时长（真实时间） for how long, in real time
  --clear                 恢复正常  well again

  lianshu fault bank-open timeout-after-effect --operation disburse --for 2m
  不带故障名则列出待发生的故障  without a fault: those that are still ahead`;

export const twinHelp = `  twin                       全部模拟方及地址  all counterparties, and where they are
  twin <system>              特殊值、可令其人员做的事、其内存与待办  its magic values, what its people can do, what it holds
                             and what its people have ahead
  twin <system> effects      其实际办理的事项  what it did to the world, one line for each
  twin <system> <act> …      令其人员行事  its people act now: field=text, field=true, field:=12.5, field:=["a"]
  twin --magic               全部特殊值  the magic values of all of them; needs no running hub
  --write                    更新 docs/sandbox.md  puts them into docs/sandbox.md

  lianshu twin bank-open decide applicationNo=… verdict=rejected
  指南 guide: docs/sandbox.md`;

export const scenarioHelp = `  scenario list              全部场景  all of them: flow, name, rows of the flow's table whose failures are played
  scenario run               逐一演练，每个目录一套平台与模拟方  plays all, each folder on a hub and counterparties of its own
  scenario run factoring     一个目录  a folder of them;  scenario run spot-pledge/happy  仅一个  one
  --here                     在本机运行中的平台上演练  on the hub that runs here, which keeps what they leave
  --keep                     保留目录以便查看  keeps the homes, to look into
  --json                     一行 JSON  one line: scenarios, passed, failed, flows, played

  退出码 exit code: 0 全部通过 all passed, 1 有失败 something failed`;
