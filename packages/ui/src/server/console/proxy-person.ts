import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { isSameSecret } from '../same-secret.ts';
import type { Person, ProxyTrust } from './options.ts';

/** Header with the proxy's secret. The password of `Authorization: Basic` is accepted, too. */
const SECRET_HEADER = 'x-agentteam-proxy-secret';
const LONGEST_NAME = 512;
const MOST_GROUPS = 256;
/** Kubernetes' own users and groups, such as system:masters. No proxy may speak for them. */
const RESERVED = 'system:';

/**
 * Reads who a proxy says the caller is, after the proxy has proved itself.
 * @param secret absent if the proxy proves itself with its certificate alone.
 * @returns a sentence if nobody is to be believed.
 */
export function personIn(
  request: IncomingMessage,
  trust: ProxyTrust,
  secret: string | undefined,
): Person | string {
  if (secret !== undefined && !hasSecret(request, secret)) {
    return 'The request does not come from the authenticating proxy: its secret is missing or wrong.';
  }
  if (trust.clientCaFile !== undefined && !hasCertificate(request, trust.clientNames)) {
    return 'The request does not come from the authenticating proxy: its certificate is missing or wrong.';
  }
  const users = request.headersDistinct[trust.userHeader] ?? [];
  const [user = ''] = users;
  if (users.length !== 1 || user === '' || user.length > LONGEST_NAME) {
    return `The authenticating proxy has sent no user in ${trust.userHeader}.`;
  }
  const name = `${trust.userPrefix}${user}`;
  if (name.startsWith(RESERVED)) return `No user whose name begins with ${RESERVED} can log in.`;
  return { user: name, groups: groupsIn(request, trust) };
}

function groupsIn(request: IncomingMessage, trust: ProxyTrust): readonly string[] {
  const given = (request.headersDistinct[trust.groupsHeader] ?? [])
    .flatMap((text) => text.split(','))
    .map((text) => `${trust.groupPrefix}${text.trim()}`);
  const allowed = given.filter(
    (group) =>
      group !== trust.groupPrefix &&
      group.length <= LONGEST_NAME &&
      !group.startsWith(RESERVED) &&
      (trust.groups.includes('*') || trust.groups.includes(group)),
  );
  return [...new Set(allowed)].toSorted().slice(0, MOST_GROUPS);
}

function hasSecret({ headers }: IncomingMessage, secret: string): boolean {
  const [, basic = ''] = /^Basic ([\w+/=]+)$/i.exec(headers.authorization ?? '') ?? [];
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(basic, 'base64').toString()) ?? [];
  return [String(headers[SECRET_HEADER] ?? ''), password].some((sent) =>
    isSameSecret(sent, secret),
  );
}

function hasCertificate(request: IncomingMessage, names: readonly string[]): boolean {
  const socket = request.socket as TLSSocket;
  if (socket.authorized !== true) return false;
  if (names.length === 0) return true;
  const { CN: common = [] } = socket.getPeerCertificate().subject;
  // The text of all alternative names is ambiguous: another name, such as a URI, may contain `DNS:`.
  const certificate = socket.getPeerX509Certificate();
  return names.some(
    (name) =>
      [common].flat().includes(name) ||
      certificate?.checkHost(name, { subject: 'never', wildcards: false }) !== undefined,
  );
}
