import { BlockList } from 'node:net';
import { expect, test } from '@jest/globals';
import { clientAddress } from '../src/server/console/client-address.ts';

const ingresses = new BlockList();
ingresses.addSubnet('10.42.0.0', 16);
ingresses.addSubnet('fd00::', 64, 'ipv6');

function addressOf(remoteAddress: string, forwarded?: string, among = ingresses): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return clientAddress({ headers, socket: { remoteAddress } as never }, among);
}

test('an ingress says from where a request comes', () => {
  expect(addressOf('10.42.1.7', '203.0.113.9')).toBe('203.0.113.9');
  expect(addressOf('::ffff:10.42.1.7', '2001:db8::1')).toBe('2001:db8::1');
  expect(addressOf('fd00::7', '203.0.113.9, 10.42.3.3')).toBe('203.0.113.9');
});

test('nobody else does', () => {
  expect(addressOf('203.0.113.9', '198.51.100.1')).toBe('203.0.113.9');
  expect(addressOf('10.42.1.7', '198.51.100.1', new BlockList())).toBe('10.42.1.7');
  // A browser sends the header itself, and the ingress adds to it.
  expect(addressOf('10.42.1.7', '198.51.100.1, 203.0.113.9')).toBe('203.0.113.9');
  expect(addressOf('10.42.1.7', 'not an address')).toBe('10.42.1.7');
  expect(addressOf('10.42.1.7', '')).toBe('10.42.1.7');
  expect(addressOf('10.42.1.7')).toBe('10.42.1.7');
});
