/** Messages to people (消息通知): text messages by Tencent Cloud, mail over SMTP, a group of 企业微信. */
import { notify } from '../../contracts/notify/notify.ts';
import { adapter } from '../adapter.ts';
import { smsDialect } from './dialects/sms.ts';
import { smtpDialect } from './dialects/smtp.ts';
import { wecomDialect } from './dialects/wecom.ts';

export default adapter({ kind: notify, dialects: { sms: smsDialect, smtp: smtpDialect, wecom: wecomDialect } });
