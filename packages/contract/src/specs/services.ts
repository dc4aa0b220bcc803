import { embeddedIpv4, parseIpv6 } from '../values/ip-address.ts';

/** `${services.<name>}` in the value of a variable. */
const REFERENCE = /\$\{services\.([^{}\s]*)\}(\/?)/g;

/** Path of the services in a gateway's address, before `/<name>/`. */
export const SERVICES_PATH = '/services';

/** The names of the services that a value refers to. */
export function serviceReferences(value: string): readonly string[] {
  return [...value.matchAll(REFERENCE)].map(([, name = '']) => name);
}

/**
 * Replaces each `${services.<name>}` by the service's address, which ends with a slash. A slash after the
 * reference is dropped, so that `${services.pypi}simple/` and `${services.pypi}/simple/` mean the same. A name
 * without an address stays as it is.
 */
export function expandServices(value: string, addresses: ReadonlyMap<string, string>): string {
  return value.replace(REFERENCE, (all, name: string) => addresses.get(name) ?? all);
}

/**
 * The parts of a service's URL, which is stricter than URLs in general: no user, no query, no fragment, no dot
 * segments, and a host in its usual spelling.
 */
export interface ServiceUrl {
  readonly scheme: 'http' | 'https';
  /** In lower case, without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: string;
  readonly path: string;
}

const SERVICE_URL =
  /^(https?):\/\/([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(\/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?$/;
const DOT_SEGMENT = /(^|\/)(\.|%2e){1,2}(;|\/|$)/i;
/** `2130706433`, `0x7f.1` and `127.1` are addresses in spellings that no rule about addresses would recognise. */
const ODD_ADDRESS = /(^|\.)(0x[0-9a-f]*|[0-9]+)\.?$/i;
const BYTE = '(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])';
const IPV4 = new RegExp(`^(?:${BYTE}\\.){3}${BYTE}$`);

/** @returns undefined if the text is not the URL of a service. */
export function parseServiceUrl(text: string): ServiceUrl | undefined {
  const [, scheme, given = '', port, path = '/'] = SERVICE_URL.exec(text) ?? [];
  if (scheme === undefined || DOT_SEGMENT.test(path)) return undefined;
  const host = given.toLowerCase().replace(/^\[|\]$/g, '');
  if (given.startsWith('[')) {
    if (parseIpv6(host) === undefined) return undefined;
  } else if (ODD_ADDRESS.test(host) && !IPV4.test(host)) return undefined;
  return {
    scheme: scheme as 'http' | 'https',
    host: host.replace(/\.+$/, ''),
    port: port ?? (scheme === 'https' ? '443' : '80'),
    path,
  };
}

const LOOPBACK = /^(?:localhost|127\.[0-9.]+)$/;
const CLUSTER = /^(?:[a-z0-9-]+|.*\.svc|.*\.cluster\.local)$/;
const PRIVATE =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2[0-9]|3[01])\.|100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.)/;
/** Names and addresses of metadata services: AWS, Google Cloud, Azure, Alibaba and Oracle. */
const METADATA =
  /^(?:169\.254\.|100\.100\.100\.200$|168\.63\.129\.16$|192\.0\.0\.192$|metadata(?:\.google\.internal|\.goog)?$|instance-data(?:\.ec2\.internal)?$)/;

/** Where a host is, as far as its name says so. `metadata` is the metadata service of a cloud. */
export function placeOf(host: string): 'loopback' | 'internal' | 'metadata' | 'public' {
  const address = parseIpv6(host);
  if (address !== undefined) return placeOfIpv6(address);
  if (LOOPBACK.test(host)) return 'loopback';
  if (METADATA.test(host)) return 'metadata';
  return CLUSTER.test(host) || PRIVATE.test(host) ? 'internal' : 'public';
}

function placeOfIpv6(address: readonly number[]): ReturnType<typeof placeOf> {
  const [first = 0, second = 0] = address;
  if (address.every((part, index) => part === (index === 7 ? 1 : 0))) return 'loopback';
  // No registry needs this spelling of an IPv4 address, and the rules for those would not recognise it.
  if (embeddedIpv4(address) !== undefined) return 'metadata';
  const isLinkLocal = (first & 0xffc0) === 0xfe80;
  // fd00:ec2::254 is AWS's, and fd20:ce::254 Google's.
  const isCloud =
    (first === 0xfd00 && second === 0x0ec2) || (first === 0xfd20 && second === 0x00ce);
  if (isLinkLocal || isCloud) return 'metadata';
  return (first & 0xfe00) === 0xfc00 ? 'internal' : 'public';
}

/** Hosts of the providers' model APIs, whose cost only the gateway's own routes count. */
const MODEL_APIS: readonly RegExp[] = [
  /(?:^|\.)anthropic\.com$/,
  /^(?:api\.)?claude\.(?:ai|com)$/,
  // Also private endpoints: vpce-ID.bedrock-runtime.REGION.vpce.amazonaws.com
  /(?:^|\.)bedrock(?:-[a-z-]+)?\.(?:.*\.)?amazonaws\.com(?:\.cn)?$/,
  /(?:^|\.)(?:bedrock-[^.]*|aws-external-anthropic)\..*\.api\.aws$/,
  // Also regional and private ones: aiplatform.eu.rep.googleapis.com, us-east5-aiplatform-NAME.p.googleapis.com
  /(?:^|[.-])aiplatform(?:-[a-z0-9-]+)?\.(?:[a-z0-9-]+\.rep\.|mtls\.|p\.)?googleapis\.com$/,
  /\.(?:services\.ai|cognitiveservices|openai)\.azure\.com$/,
];

/**
 * The host of an http(s) URL of any form, as in {@link ServiceUrl}.
 * @returns '' for other texts.
 */
export function hostIn(url: string): string {
  const [, authority = ''] = /^https?:\/\/([^/?#\\]*)/i.exec(url) ?? [];
  const [, host = ''] = /^(?:[^@]*@)?(\[[^\]]*\]|[^:@]*)/.exec(authority) ?? [];
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

export function isModelApi(host: string): boolean {
  return MODEL_APIS.some((pattern) => pattern.test(host));
}

/** How a service's token is sent. */
export interface TokenHeader {
  /** In lower case. */
  readonly name: string;
  /** Before the token, with a space. Absent: the token alone is the value. */
  readonly scheme?: string;
}

/** @param header the field `header`, such as `X-Api-Key` or `Authorization: Token`. */
export function tokenHeader(header = 'Authorization: Bearer'): TokenHeader {
  const [name = '', scheme = ''] = header.split(':');
  return { name: name.toLowerCase(), ...(scheme.trim() !== '' && { scheme: scheme.trim() }) };
}

/** Headers that concern the message or the connection, and can carry no token. */
const NO_TOKEN =
  /^(?:host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|via|forwarded|date|range|cookie|origin|referer|proxy-.*|content-.*|accept.*|if-.*|x-forwarded-.*|x-http-method.*|x-method-override|x-original-url|x-rewrite-url)$/;

export function canCarryToken({ name }: TokenHeader): boolean {
  return !NO_TOKEN.test(name);
}
