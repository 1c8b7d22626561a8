/** What the signing service remembers, and the form in which it shows a flow. */
import type { Authorities } from './authority.ts';

export interface StoredFile {
  readonly name: string;
  readonly size: number;
  readonly contentMd5: string;
  /** 0 waiting for the upload, 2 ready, 3 unreadable. */
  status: number;
  base64: string;
}

export interface Signer {
  readonly order: number;
  readonly orgName: string;
  readonly psnName: string;
  readonly psnAccount: string;
  /** 0 waiting, 1 their turn, 2 signed, 4 refused. */
  status: number;
  readonly fields: readonly { readonly fileId: string; readonly customBizNum: string }[];
}

export interface Flow {
  readonly id: string;
  readonly title: string;
  readonly notifyUrl: string;
  readonly autoFinish: boolean;
  readonly startedMs: number;
  readonly expireMs: number;
  /** 1 signing, 2 done, 3 revoked, 5 expired, 7 refused. */
  status: number;
  finishedMs: number | null;
  description: string;
  readonly docs: { readonly fileId: string; readonly fileName: string; base64: string }[];
  readonly signers: Signer[];
}

export interface TsignMemory {
  readonly files: Record<string, StoredFile>;
  readonly flows: Record<string, Flow>;
  /** Who may use which seal, where people changed it. */
  authorities?: Authorities;
  /** How callbacks misbehave from now on. */
  manner: { duplicate: boolean; outOfOrder: boolean };
}

export function detailOf(flow: Flow): object {
  return {
    signFlowStatus: flow.status,
    signFlowDescription: flow.description,
    rescissionStatus: 0,
    signFlowCreateTime: flow.startedMs,
    signFlowStartTime: flow.startedMs,
    signFlowFinishTime: flow.finishedMs,
    signFlowConfig: {
      signFlowTitle: flow.title,
      autoFinish: flow.autoFinish,
      signFlowExpireTime: flow.expireMs,
      notifyUrl: flow.notifyUrl,
    },
    docs: flow.docs.map(({ fileId, fileName }) => ({ fileId, fileName })),
    signers: flow.signers.map((signer) => ({
      signerType: 1,
      signOrder: signer.order,
      signStatus: signer.status,
      psnSigner: null,
      orgSigner: { orgName: signer.orgName, transactor: { psnAccount: { accountMobile: signer.psnAccount } } },
      signFields: signer.fields.map((field, index) => ({
        signFieldId: `${flow.id.slice(0, 8)}${signer.order}${index}`,
        signFieldStatus: signer.status === 2 ? '4' : '0',
        ...field,
      })),
    })),
  };
}

export function listItemOf(flow: Flow): object {
  return {
    signFlowId: flow.id,
    signFlowTitle: flow.title,
    signFlowStatus: flow.status,
    signFlowStartTime: flow.startedMs,
    signFlowEndTime: flow.finishedMs,
    rescissionStatus: 0,
  };
}
