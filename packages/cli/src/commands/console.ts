import { BlockList } from 'node:net';
import { join } from 'node:path';
import type { Authentication, ProxyTrust } from '@agentteam/ui';
import { Command, Option } from 'commander';
import { connect } from '../cluster/connection/connection.ts';
import { type Context, note } from '../context.ts';
import { distribution } from '../distribution.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { Failure, usageError } from '../failure.ts';
import {
  parseAddresses,
  parseHosts,
  parseList,
  parseNamespaces,
  parsePort,
  parseTimeout,
} from './options/parsers.ts';

interface Options {
  readonly auth: Authentication['mode'];
  readonly port: number;
  readonly tls?: string;
  readonly hosts?: readonly string[];
  readonly ingresses?: BlockList;
  readonly actions?: true;
  readonly namespaces?: readonly string[];
  readonly audiences?: readonly string[];
  readonly session: number;
  readonly proxySecret?: string;
  readonly proxyCa?: string;
  readonly proxyNames?: readonly string[];
  readonly userHeader: string;
  readonly groupsHeader: string;
  readonly groups?: readonly string[];
  readonly userPrefix?: string;
  readonly groupPrefix?: string;
  readonly kubeconfig?: string;
}

const RIGHTS = `
The Helm chart runs this command (ui.enabled=true). It needs no rights of its
own to teams: everything is read and done with the rights of the person who
uses the page. With --auth token it must be able to create tokenreviews, with
--auth proxy to impersonate users and the --groups.`;

const EIGHT_HOURS_MS = 8 * 3_600_000;

export function command(context: Context): Command {
  return new Command('console')
    .description(
      'Serve the web page to many people in a cluster, on all interfaces, until SIGTERM.',
    )
    .addOption(
      new Option('--auth <how>', 'how people prove who they are: with a token, or through a proxy')
        .choices(['token', 'proxy'])
        .default('token'),
    )
    .option('--port <number>', 'port; 0 means any free port', parsePort, 8080)
    .option('--tls <directory>', 'directory with tls.crt and tls.key (default: plain HTTP)')
    .option('--hosts <names>', 'names in addresses of the page, besides localhost', parseHosts)
    .option(
      '--ingresses <list>',
      'addresses (CIDR) of ingresses, whose X-Forwarded-For is believed',
      parseAddresses,
    )
    .option('--actions', 'allow actions, such as approving a gate (default: read-only)')
    .option('--namespaces <list>', 'namespaces with teams (default: all)', parseNamespaces)
    .option('--audiences <list>', 'audiences, one of which a token must have', parseList)
    .addOption(
      new Option('--session <duration>', 'when people must log in again')
        .argParser(parseTimeout)
        .default(EIGHT_HOURS_MS, '8h'),
    )
    .option('--proxy-secret <file>', 'file with the secret by which the proxy proves itself')
    .option('--proxy-ca <file>', "file with the authority that signs proxies' certificates")
    .option('--proxy-names <list>', "names in proxies' certificates (default: any)", parseList)
    .option('--user-header <name>', "header with the user's name", 'x-forwarded-user')
    .option('--groups-header <name>', "header with the user's groups", 'x-forwarded-groups')
    .option('--groups <list>', 'groups that the proxy may name; * for all', parseList)
    .option('--user-prefix <text>', 'text before the names of users')
    .option('--group-prefix <text>', 'text before the names of groups')
    .option('--kubeconfig <file>', "kubeconfig file (default: the pod's service account)")
    .addHelpText(
      'after',
      `${RIGHTS}\n\nExample:\n  $ agentteam console --tls /etc/agentteam/tls --hosts agents.example.com\n${PLAIN_EXITS}`,
    )
    .action((options: Options) => serve(context, options));
}

async function serve(context: Context, options: Options): Promise<void> {
  const authentication = authenticationOf(options);
  const { kubeconfig, namespaces = [], audiences = [], hosts = [], tls } = options;
  const own = connect({ ...(kubeconfig !== undefined && { kubeconfig }) });
  const { serveConsole } = await import('@agentteam/ui');
  const { clusterAccess } = await import('../ui/cluster-access.ts');
  const { Readings } = await import('../ui/readings.ts');
  const readings = new Readings();
  const log = (entry: Readonly<Record<string, unknown>>): void =>
    note(context, JSON.stringify({ time: new Date().toISOString(), ...entry }));
  const server = await serveConsole({
    assets: join(distribution(), 'ui'),
    port: options.port,
    ...(tls !== undefined && { tlsDirectory: tls }),
    hosts,
    ingresses: options.ingresses ?? new BlockList(),
    mayAct: options.actions === true,
    authentication,
    access: clusterAccess({ own, audiences, namespaces, readings }),
    log,
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === undefined) throw error;
    throw new Failure(`the page cannot be served: ${error.message}`, { cause: error });
  });
  log({
    event: 'started',
    port: server.port,
    auth: options.auth,
    actions: options.actions === true,
  });
  if (!context.signal.aborted) {
    await new Promise((resolve) =>
      context.signal.addEventListener('abort', resolve, { once: true }),
    );
  }
  await server.close();
  await readings.close();
}

/** @throws Failure when a proxy could not prove itself, or an option has no effect. */
function authenticationOf(options: Options): Authentication {
  const { auth, session, proxySecret, proxyCa, tls } = options;
  if (auth === 'token') {
    if (proxySecret === undefined && proxyCa === undefined)
      return { mode: auth, sessionMs: session };
    throw usageError('--proxy-secret and --proxy-ca apply only to --auth proxy');
  }
  if (proxySecret === undefined && proxyCa === undefined) {
    throw usageError(
      '--auth proxy: the proxy must prove itself, or everyone could name any user',
      'Add --proxy-secret, or --proxy-ca with --tls.',
    );
  }
  if (proxyCa !== undefined && tls === undefined) {
    throw usageError('--proxy-ca needs --tls', 'Without TLS no proxy can show a certificate.');
  }
  const trust: ProxyTrust = {
    userHeader: options.userHeader.toLowerCase(),
    groupsHeader: options.groupsHeader.toLowerCase(),
    groups: options.groups ?? [],
    userPrefix: options.userPrefix ?? '',
    groupPrefix: options.groupPrefix ?? '',
    ...(proxySecret !== undefined && { secretFile: proxySecret }),
    ...(proxyCa !== undefined && { clientCaFile: proxyCa }),
    clientNames: options.proxyNames ?? [],
  };
  return { mode: 'proxy', ...trust };
}
