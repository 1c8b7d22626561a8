import { describe, expect, test } from '@jest/globals';
import type { System } from '../adapter.ts';
import { keysFrom } from '../crypto/keys.ts';
import { failureOfRfc, nodeRfc, type NodeRfc } from './nodeRfc.ts';

describe('node-rfc', () => {
  const system = (settings: Record<string, string> = {}): System => ({
    id: 'sap-s4',
    kind: 'sap',
    dialect: 's4',
    url: 'http://127.0.0.1',
    party: 'sap-s4',
    allowPrivate: true,
    timeoutMs: 2_000,
    settings,
  });
  const keys = { ...keysFrom('/nowhere', 'sap-s4'), secret: () => 'secret' };

  test('gets the connection from the settings, dates without dashes, and closes what it opened', async () => {
    const log: unknown[] = [];
    class Client {
      constructor(connection: Readonly<Record<string, string>>) {
        log.push(connection);
      }
      open = async () => log.push('open');
      close = async () => log.push('close');
      call = async (functionModule: string, parameters: object) => {
        log.push([functionModule, parameters]);
        return { RETURN: { TYPE: '' }, LINEITEMS: [] };
      };
    }
    const transport = nodeRfc(
      system({ rfcHost: 'sap.example', rfcSystemNumber: '00', client: '100', rfcUser: 'U' }),
      keys,
      async () => ({ Client }) satisfies NodeRfc,
    );
    await transport.call('RFC_PING', { KEYDATE: transport.date('2026-11-23') }, ['LINEITEMS']);
    expect(log).toEqual([
      { ashost: 'sap.example', sysnr: '00', client: '100', user: 'U', passwd: 'secret' },
      'open',
      ['RFC_PING', { KEYDATE: '20261123', LINEITEMS: [] }],
      'close',
    ]);
  });

  test.each([
    [{ name: 'RfcLibError', group: 4, code: 1, key: 'RFC_COMMUNICATION_FAILURE' }, 'open', 'SYSTEM_UNREACHABLE'],
    [{ name: 'RfcLibError', group: 4, code: 1, key: 'RFC_COMMUNICATION_FAILURE' }, 'call', 'OUTCOME_UNKNOWN'],
    [{ name: 'RfcLibError', group: 3, code: 2, key: 'RFC_LOGON_FAILURE' }, 'open', 'SYSTEM_REFUSED'],
    [{ name: 'ABAPError', group: 2, code: 3, key: 'COMPUTE_INT_ZERODIVIDE' }, 'call', 'OUTCOME_UNKNOWN'],
    [
      { name: 'ABAPError', group: 2, code: 4, abapMsgClass: 'SR', abapMsgNumber: '006', key: 'Function not supported' },
      'call',
      'SYSTEM_REFUSED',
    ],
    [{ name: 'ABAPError', group: 1, code: 5, key: 'RAISE_EXCEPTION' }, 'call', 'SYSTEM_REFUSED'],
    [{ name: 'RfcLibError', code: 6, key: 'RFC_CLOSED' }, 'call', 'OUTCOME_UNKNOWN'],
    [{ name: 'RfcLibError', group: 4, code: 7, key: 'RFC_CANCELED' }, 'call', 'OUTCOME_UNKNOWN'],
    [{ name: 'RfcLibError', code: 8, key: 'RFC_TIMEOUT' }, 'call', 'OUTCOME_UNKNOWN'],
    [{ name: 'RfcLibError', code: 13, key: 'RFC_INVALID_HANDLE' }, 'call', 'SYSTEM_UNREACHABLE'],
    [{ name: 'RfcLibError', code: 17, key: 'RFC_NOT_FOUND' }, 'call', 'SYSTEM_REFUSED'],
    [{ name: 'RfcLibError', group: 5, code: 20, key: 'RFC_INVALID_PARAMETER' }, 'call', 'SYSTEM_REFUSED'],
    [{ name: 'RfcLibError', code: 22, key: 'RFC_CONVERSION_FAILURE' }, 'call', 'OUTCOME_UNKNOWN'],
    [{ name: 'RfcLibError', code: 23, key: 'RFC_BUFFER_TOO_SMALL' }, 'call', 'OUTCOME_UNKNOWN'],
    [{ name: 'RfcLibError', code: 29, key: 'RFC_AUTHORIZATION_FAILURE' }, 'call', 'SYSTEM_REFUSED'],
    [{ name: 'RfcLibError', code: 99, key: 'NEW' }, 'call', 'EXT_CODE_UNMAPPED'],
    [
      { name: 'nodeRfcError', message: 'RFM client request over closed connection: close()' },
      'call',
      'SYSTEM_UNREACHABLE',
    ],
    [{ name: 'nodeRfcError', message: 'x', rfmPath: { rfm: 'BAPI_X', parameter: 'P' } }, 'call', 'CONTRACT_VIOLATED'],
    [new TypeError('Client connection parameters missing'), 'open', 'SYSTEM_UNREACHABLE'],
    [undefined, 'call', 'OUTCOME_UNKNOWN'],
  ] as const)('throws %j during %s: %s', (thrown, phase, type) => {
    expect(failureOfRfc(thrown, phase).type).toBe(type);
  });
});
