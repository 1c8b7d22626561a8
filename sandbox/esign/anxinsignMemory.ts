/** What 安心签 remembers, and the form in which it shows a contract. */

export interface Account {
  readonly userId: string;
  readonly userName: string;
  readonly identNo: string;
  mobilePhone: string;
}

export interface Signatory {
  readonly userId: string;
  /** 0 not yet, 1 signed, 2 refused. */
  signmentState: number;
  signMs: number | null;
  refuseReason: string | null;
}

export interface Contract {
  readonly contractNo: string;
  readonly contractName: string;
  /** 0 open, 1 all signed, 2 refused, 3 expired, 4 called off. */
  contractState: number;
  readonly createMs: number;
  readonly expiryMs: number;
  base64: string;
  readonly signatories: Signatory[];
}

export interface AnxinsignMemory {
  /** By the number of the licence. */
  readonly accounts: Record<string, Account>;
  readonly contracts: Record<string, Contract>;
  serial: number;
}

export function shown(contract: Contract, memory: AnxinsignMemory): object {
  const accounts = Object.values(memory.accounts);
  return {
    contractNo: contract.contractNo,
    contractTypeCode: contract.contractNo.slice(0, 2),
    contractName: contract.contractName,
    contractState: contract.contractState,
    createTime: local(contract.createMs),
    expiredDate: local(contract.expiryMs).slice(0, 8),
    signatories: contract.signatories.map(({ userId, signmentState, signMs, refuseReason }) => {
      const account = accounts.find((each) => each.userId === userId);
      return {
        userId,
        userName: account?.userName,
        identTypeCode: '8',
        identNo: account?.identNo,
        signmentState,
        ...(signMs === null ? {} : { signTime: Number(local(signMs)) }),
        ...(refuseReason === null ? {} : { refuseReason }),
      };
    }),
  };
}

/** Wall clock of Beijing, fourteen digits. */
export function local(ms: number): string {
  return new Date(ms).toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' }).replaceAll(/\D/g, '');
}
