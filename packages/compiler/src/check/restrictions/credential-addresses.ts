import type { Problem } from '../../problem.ts';

/** Fields that name a Secret whose content is sent to the `url` beside them. */
const SENT = ['credentialsSecret', 'headersSecret'];
/** Fields of `lifecycle` that name a Secret whose content is sent to the repository's host. */
const SENT_TO_REPOSITORY = ['gitCredentialsSecret', 'githubTokenSecret'];

/** A URL that is sent a credential, with its path in the team. */
interface SentTo {
  readonly value: string;
  readonly path: Problem['path'];
}

/** The path of an object with such fields is shorter: `spec.teammates[0].skills[0].source.git`. */
const DEEPEST = 10;

type Fields = Readonly<Record<string, unknown>>;

/**
 * The addresses to which a team sends what is in Secrets, wherever in the team they are; that of the model provider
 * has a rule of its own. The team may be one that has not been checked.
 */
export function credentialAddresses(spec: object): readonly SentTo[] {
  const { repository, lifecycle } = spec as Fields;
  const isPushed = SENT_TO_REPOSITORY.some((name) => isText(fieldsOf(lifecycle)[name]));
  const found: SentTo[] = [];
  const rest: { readonly value: unknown; readonly path: Problem['path'] }[] = [
    { value: spec, path: ['spec'] },
  ];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value, path } = next;
    const fields = fieldsOf(value);
    const isSent = SENT.some((name) => isText(fields[name])) || (value === repository && isPushed);
    const { url } = fields;
    if (isSent && isText(url)) found.push({ value: url, path: [...path, 'url'] });
    if (path.length > DEEPEST) continue;
    const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(fields);
    for (const [key, one] of entries.reverse()) rest.push({ value: one, path: [...path, key] });
  }
  return found;
}

/** An address to which a credential is sent. */
interface Address {
  /** Scheme, host and port. */
  readonly place: string;
  readonly path: string;
}

/** A URL that no program can read as one of another place. */
const URL_FORM =
  /^(https?|ssh):\/\/(?:[A-Za-z0-9._-]{1,64}@)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?(\/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?$/i;
/** git's short form of an SSH address. */
const SCP_FORM = /^(?:([A-Za-z0-9._-]{1,64})@)?([a-z0-9][a-z0-9.-]*):(?!\/\/)([A-Za-z0-9._~/-]+)$/i;
/** Dot segments, and characters that may separate segments where they are decoded. */
const LEADS_OUT = /(?:^|\/)(?:\.|%2e){1,2}(?:;|\/|$)|%(?:2f|5c|25)/i;
const PORTS: Readonly<Record<string, string>> = { http: '80', https: '443', ssh: '22' };

function parseAddress(text: string): Address | undefined {
  const [, , scpHost, scpPath] = SCP_FORM.exec(text) ?? [];
  const url = scpHost === undefined ? text : `ssh://${scpHost}/${scpPath?.replace(/^\/+/, '')}`;
  const [, given = '', host = '', port, path = ''] = URL_FORM.exec(url) ?? [];
  if (host === '' || LEADS_OUT.test(path)) return undefined;
  const scheme = given.toLowerCase();
  return {
    place: `${scheme}://${host.toLowerCase()}:${port ?? PORTS[scheme]}`,
    path: path.replace(/\/+/g, '/').replace(/\/$/, ''),
  };
}

/** Whether an address is the base URL, or below it. */
export function allowsAddress(base: string, address: string): boolean {
  const [wide, narrow] = [parseAddress(base), parseAddress(address)];
  if (wide === undefined || narrow === undefined || wide.place !== narrow.place) return false;
  return narrow.path === wide.path || narrow.path.startsWith(`${wide.path}/`);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
