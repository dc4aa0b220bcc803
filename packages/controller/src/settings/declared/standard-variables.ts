import type { Declaration } from '../setting.ts';
import { URL_TEXT } from '../types.ts';

/** Standard variables that Node.js, the proxy support or the Deployment define. */
export const STANDARD_VARIABLES: readonly Declaration[] = [
  {
    variable: 'HTTPS_PROXY',
    summary: 'proxy for https:// URLs, for the controller and for team pods',
    details:
      'Agents themselves do not use it. Everyone who can read pods can read a password in the URL.',
    whenUnset: 'no proxy',
    chart: {
      path: 'proxy.https',
      summary: 'proxy for https:// URLs, such as http://proxy.example.com:3128',
      schema: URL_TEXT.schema,
      default: '',
    },
  },
  {
    variable: 'HTTP_PROXY',
    summary: 'proxy for http:// URLs',
    whenUnset: 'no proxy',
    chart: { path: 'proxy.http', schema: URL_TEXT.schema, default: '' },
  },
  {
    variable: 'NO_PROXY',
    summary: 'hosts, domains and networks that are reached without the proxy',
    chart: {
      path: 'proxy.exceptions',
      schema: { type: 'array', items: { type: 'string', pattern: '^[^\\s,]+$' } },
      default: ['.svc', '.cluster.local'],
      onlyWith: ['proxy.https', 'proxy.http'],
    },
  },
  {
    variable: 'NODE_EXTRA_CA_CERTS',
    summary: 'file with additional certificate authorities for the controller (PEM)',
    chart: { path: 'trust.configMap', constant: '/etc/agentteam/trust/ca.crt' },
  },
  { variable: 'POD_NAMESPACE', summary: 'namespace of the controller, where its Lease is' },
  { variable: 'POD_NAME', summary: 'name of this replica' },
  {
    variable: 'NODE_OPTIONS',
    summary: '--max-semi-space-size=4 saves a third of the memory',
  },
];
