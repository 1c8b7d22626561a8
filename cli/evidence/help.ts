/** What `lianshu evidence --help` says beyond the usage line. */
export const evidenceHelp = `  export <case>   写出一个业务的全部存证与证明  write one case's evidence with its proofs into one file (by case or order number)
                  --out <file>  - 为标准输出  - is the standard output
  verify <file>   离线验证，无需平台与数据库  prove it offline, without a hub or a database
                  --key <file>  平台公布的公钥  the hub's public key, as it published it; without it, that of the hub in this
                                home if there is one, else the sentence names the key that you should compare
  head            日志的签名树头，宜另行保存  the log's signed head, good to keep elsewhere
  key             平台公钥  the hub's public key, to publish

  退出码 0 已证明，1 未证明，2 用法或文件不可读  exit code of verify: 0 proven, 1 not proven, 2 wrong usage or no such file`;
