/**
 * Tencent Cloud face verification (慧眼人脸核身). A link is handed out at once; the person looks into his camera some minutes
 * later, up to three times for one link, and the result can be asked for during three days. Nothing calls back. Five failed
 * tries of one identity number within 24 hours (business time), and no new link is given to him until they are past.
 *
 * Magic values, endings of the first word of `Extra` (our request number); without one the person passes:
 * - `-LOW`: another face, 2016, charged; `-FAKE`: a photograph is shown, 1002; `-NAME`: name and number do not belong together,
 *   2006, charged; `-NOPHOTO`: the authority has no picture, 2007; `-DARK`: the line is bad, 1008;
 * - `-MANY`: three failed tries in a row, 16; `-LEAVES`: he never looks: 17, and 15 when the link has expired;
 * - `-ENGINE`: the vendor's engine fails, 1001; `-OTHER`: somebody else passes in his place.
 */
import { createHash, randomBytes } from 'node:crypto';
import { twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { admit, answered, fieldsOf, trouble, type Trouble } from '../tencentCloud.ts';

interface Try {
  readonly ReqTime: string;
  readonly Seq: string;
  readonly Idcard: string;
  readonly Name: string;
  readonly Sim: string;
  readonly IsNeedCharge: boolean;
  readonly Errcode: number;
  readonly Errmsg: string;
}

interface Check {
  readonly idCard: string;
  readonly name: string;
  readonly extra: string;
  readonly madeMs: number;
  tries: Try[];
  /** Of the whole check, when there is one. */
  code: number | null;
}

interface Memory {
  checks: Record<string, Check>;
  /** By identity number: business instants of its failed tries. */
  failed: Record<string, number[]>;
  /** Real times of the newest requests. */
  recent: number[];
  serial: number;
}

const secretId = 'AKIDSandboxLianshuFaceid';
const ruleId = '1';
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const linkMs = 120 * minuteMs;
const resultMs = 3 * dayMs;
const triesMax = 3;
const failuresMax = 5;
const perSecondMax = 100;

/** By ending: the code of each try, and how alike the faces are. */
const magic: Readonly<Record<string, { code: number; sim: string; message: string }>> = {
  LOW: { code: 2016, sim: '41.20', message: '无法判断为同一人' },
  FAKE: { code: 1002, sim: '', message: '疑似非真人录制' },
  NAME: { code: 2006, sim: '', message: '姓名和身份证号不匹配' },
  NOPHOTO: { code: 2007, sim: '', message: '未查询到照片信息' },
  DARK: { code: 1008, sim: '', message: '网络不稳定' },
  MANY: { code: 1004, sim: '', message: '人脸验证失败，请重试' },
  ENGINE: { code: 1001, sim: '', message: '引擎超时' },
};
const charged = new Set([0, 1002, 2006, 2016]);

export const identityFaceid = twin<Memory>({
  name: 'identity-faceid',
  kind: 'identity',
  dialect: 'faceid',
  title: { zh: '人脸核身（腾讯云慧眼）', en: 'Face verification (Tencent Cloud)' },
  settings: { secretId, ruleId },
  magic: [
    { where: 'request number 请求号', value: '…-LOW', effect: 'another face: 2016, charged 非本人' },
    { where: 'request number 请求号', value: '…-FAKE', effect: 'a photograph: 1002, charged 非真人' },
    {
      where: 'request number 请求号',
      value: '…-NAME',
      effect: 'name and number do not belong together: 2006, charged 姓名与证号不符',
    },
    { where: 'request number 请求号', value: '…-NOPHOTO', effect: 'the authority has no picture: 2007 库中无照片' },
    { where: 'request number 请求号', value: '…-DARK', effect: 'a bad line: 1008 未能判断' },
    { where: 'request number 请求号', value: '…-MANY', effect: 'three failed tries: 16 次数过多' },
    { where: 'request number 请求号', value: '…-LEAVES', effect: 'never looks: 17, after two hours 15 未完成' },
    { where: 'request number 请求号', value: '…-ENGINE', effect: 'the engine fails: 1001 引擎异常' },
    { where: 'request number 请求号', value: '…-OTHER', effect: 'somebody else passes in his place 他人代刷' },
  ],
  enrol: () => {
    const files = { 'tc3-secret.txt': randomBytes(24).toString('base64url') };
    return { hub: files, twin: files };
  },
  memory: () => ({ checks: {}, failed: {}, recent: [], serial: 0 }),
  operationOf: ({ headers }) =>
    ({ DetectAuth: 'startFaceCheck', GetDetectInfoEnhanced: 'readFaceCheck' })[headers['x-tc-action'] ?? ''],
  handle,
  acts: {
    /** The person looks into his camera, as his ending has it. */
    look: ({ token }, twin) => look(String(token), twin),
    /** The same, found by our number. */
    lookFor: ({ requestNo }, twin) => {
      for (const [token, { extra }] of Object.entries(twin.memory.checks))
        if (extra.startsWith(`${String(requestNo)} `)) look(token, twin);
    },
  },
});

function handle(request: TwinRequest, twin: TwinContext<Memory>): TwinAnswer {
  const secretKey = twin.key('tc3-secret.txt');
  const wrong = admit(request, { service: 'faceid', version: '2018-03-01', secretId, secretKey });
  if (wrong) return answered(wrong);
  const { memory } = twin;
  const nowMs = Date.now();
  memory.recent = [...memory.recent.filter((at) => at > nowMs - 1_000), nowMs];
  if (memory.recent.length > perSecondMax) return answered(trouble('RequestLimitExceeded'));
  const fields = fieldsOf(request);
  if (!fields) return answered(trouble('InvalidParameter'));
  if (fields['RuleId'] !== ruleId) return answered(trouble('InvalidParameterValue.RuleIdNotExist'));
  switch (request.headers['x-tc-action']) {
    case 'DetectAuth':
      return answered(start(fields, twin));
    case 'GetDetectInfoEnhanced':
      return answered(tell(fields, twin));
    default:
      return answered(trouble('InvalidAction'));
  }
}

function start(
  fields: Readonly<Record<string, unknown>>,
  twin: TwinContext<Memory>,
): Trouble | Record<string, unknown> {
  const { memory, clock } = twin;
  const { IdCard: idCard, Name: name, Extra: extra = '', RedirectUrl: redirect = '' } = fields;
  if (typeof idCard !== 'string' || !isIdNo(idCard)) return trouble('InvalidParameterValue', 'IdCard');
  if (typeof name !== 'string' || name === '' || name.length > 32) return trouble('InvalidParameterValue', 'Name');
  if (typeof extra !== 'string' || extra.length > 1_024) return trouble('InvalidParameterValue', 'Extra');
  if (typeof redirect !== 'string' || !/^https?:\/\/\S{1,1000}$/.test(redirect))
    return trouble('InvalidParameterValue', 'RedirectUrl');
  const now = clock.now().getTime();
  const failed = (memory.failed[idCard] ?? []).filter((at) => at > now - dayMs);
  if (failed.length >= failuresMax) return trouble('LimitExceeded', '认证次数超过当日限制，请次日重试');
  const token = uuid(twin);
  memory.checks[token] = { idCard, name, extra, madeMs: now, tries: [], code: null };
  if (endingOf(extra) !== 'LEAVES') twin.later('look', { token }, (endingOf(extra) === 'MANY' ? 15 : 5) * minuteMs);
  return { Url: `https://open.faceid.qq.com/v1/web?BizToken=${token}`, BizToken: token };
}

function look(token: string, twin: TwinContext<Memory>): void {
  const { memory, clock } = twin;
  const check = Object.hasOwn(memory.checks, token) ? memory.checks[token] : undefined;
  const now = clock.now().getTime();
  if (!check || check.code !== null || now > check.madeMs + linkMs) return;
  const ending = endingOf(check.extra);
  const found = magic[ending] ?? { code: 0, sim: '97.70', message: '成功' };
  const [idCard, name] = ending === 'OTHER' ? ['350200198001010014', '林国栋'] : [check.idCard, check.name];
  for (let left = ending === 'MANY' ? triesMax : 1; left > 0; left -= 1) {
    check.tries.push({
      ReqTime: String(now),
      Seq: `SEQ${String((memory.serial += 1)).padStart(12, '0')}`,
      Idcard: idCard,
      Name: name,
      Sim: found.sim,
      IsNeedCharge: charged.has(found.code),
      Errcode: found.code,
      Errmsg: found.message,
    });
    if (found.code !== 0) memory.failed[check.idCard] = [...(memory.failed[check.idCard] ?? []), now];
  }
  check.code = ending === 'MANY' ? 16 : found.code;
  const number = check.extra.split(' ')[0] ?? token;
  twin.effect('looked', number, { code: check.code, charged: charged.has(found.code) });
}

function tell(fields: Readonly<Record<string, unknown>>, twin: TwinContext<Memory>): Trouble | Record<string, unknown> {
  const { BizToken: token, InfoType: infoType = '0' } = fields;
  const { checks } = twin.memory;
  const check = typeof token === 'string' && Object.hasOwn(checks, token) ? checks[token] : undefined;
  if (!check) return trouble('InvalidParameterValue.BizTokenIllegal', 'ckv 数据有误');
  const now = twin.clock.now().getTime();
  if (now > check.madeMs + resultMs) return trouble('InvalidParameterValue.BizTokenExpired');
  const last = check.tries.at(-1);
  const code = check.code ?? (now > check.madeMs + linkMs ? 15 : 17);
  const seen = typeof infoType === 'string' && /[03]/.test(infoType) && (code === 0 || code === 2016);
  return {
    Text: {
      ErrCode: code,
      ErrMsg: last?.Errmsg ?? (code === 15 ? 'Token 过期' : '本次流程未完成'),
      IdCard: last?.Idcard ?? null,
      Name: last?.Name ?? null,
      OcrNation: null,
      OcrAddress: null,
      LiveStatus: code === 1002 ? 1002 : last ? 0 : null,
      Sim: last?.Sim ?? null,
      Location: null,
      Extra: check.extra,
      LivenessDetail: check.tries,
      Mobile: '',
      CompareLibType: '权威库',
    },
    IdCardData: null,
    BestFrame: seen ? { BestFrame: picture(check.idCard), BestFrames: null } : null,
    VideoData: null,
  };
}

/** The first words of a JPEG, and noise that is always the same for one person. */
export function picture(idCard: string): string {
  const noise = Array.from({ length: 64 }, (_, i) => createHash('sha256').update(`${idCard} ${i}`).digest());
  return Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), ...noise]).toString('base64');
}

function endingOf(extra: string): string {
  return /-([A-Z]+) [0-9a-f]{64}$/.exec(extra)?.[1] ?? '';
}

/** GB 11643: 17 digits and a check digit. */
function isIdNo(text: string): boolean {
  if (!/^\d{17}[\dX]$/.test(text)) return false;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, at) => total + weight * Number(text[at]), 0);
  return '10X98765432'[sum % 11] === text[17];
}

function uuid({ memory, clock }: TwinContext<Memory>): string {
  const seed = `${(memory.serial += 1)} ${clock.now().toISOString()} ${randomBytes(8).toString('hex')}`;
  const hex = createHash('sha256').update(seed).digest('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
