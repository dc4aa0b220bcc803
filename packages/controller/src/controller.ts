import { randomBytes } from 'node:crypto';
import { AGENT_TEAM_RUN, AGENT_TEAM_TEMPLATE } from '@agentteam/api';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Logger } from 'pino';
import { refuseExcess } from './admission/excess.ts';
import { mutate } from './admission/mutate.ts';
import { type Admit, serveAdmission } from './admission/serve.ts';
import { templateReader } from './admission/template-reader.ts';
import { validateRun } from './admission/validate-run.ts';
import { validateTeam } from './admission/validate-team.ts';
import { validateTemplate } from './admission/validate-template.ts';
import { installationKey } from './approvals/key.ts';
import { type Assembly, assemble } from './assemble.ts';
import { type Config, compileOptions } from './config.ts';
import { serveHealth } from './health-server.ts';
import { KubeApi } from './kube/api.ts';
import { Connection } from './kube/connection.ts';
import { httpStatus, reasonOf } from './kube/kube-error.ts';
import { LeaderElection } from './kube/lease.ts';

/** Bookmarks come every minute, so a much longer silence means that a watch is dead. */
const SILENCE_MS = 5 * 60_000;

/**
 * Runs the controller. Every replica watches and serves the admission webhooks; the leader reconciles.
 *
 * Resolves when the signal has aborted and the work in progress has ended.
 * @throws Error when the lease is lost: the process must exit.
 */
export async function runController(
  config: Config,
  kubeConfig: KubeConfig,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const gateKey = await gateKeyFor(config, kubeConfig, log);
  const assembly = assemble(config, kubeConfig, gateKey, log);
  const { api, collections, metrics, work } = assembly;
  let synced = false;
  const silent = () => Date.now() - Math.min(...collections.map(({ lastContact }) => lastContact));
  const server = await serveHealth(config.metricsPort, metrics.registry, {
    alive: () =>
      synced && silent() > config.relistSeconds * 1000 + SILENCE_MS
        ? `no data from the API server for ${Math.round(silent() / 1000)} s`
        : undefined,
    ready: () => (synced ? undefined : 'the caches are not synced'),
  });
  const stop = new AbortController();
  const ending = AbortSignal.any([signal, stop.signal]);
  const watching = Promise.all(collections.map((collection) => collection.run(ending)));
  try {
    if (config.admission !== undefined) {
      const handlers = await admissionHandlers(config, assembly);
      await serveAdmission(config.admission, handlers, log, ending);
    }
    const first = Promise.all(collections.map((collection) => collection.synced()));
    await Promise.race([first, aborted(ending)]);
    synced = !ending.aborted;
    if (synced) log.info('watching');
    await whileLeading(config, api, log, ending, work);
  } finally {
    stop.abort();
    await watching;
    server.close();
    server.closeAllConnections();
  }
}

/** Statuses of a Secret that the controller may not read or create, or in a namespace that does not exist. */
const FORBIDDEN_OR_MISSING: ReadonlySet<number> = new Set([403, 404]);

/**
 * The key of the installation. Every replica needs the same one, also after a restart: it recognises the claims of
 * teams, and opens gates with approvers. Without the webhooks there are no such gates, and a controller without the
 * right to keep a key works with one of its own.
 */
async function gateKeyFor(config: Config, kubeConfig: KubeConfig, log: Logger): Promise<Buffer> {
  try {
    return await installationKey(new KubeApi(new Connection(kubeConfig)), config.ownNamespace);
  } catch (error) {
    if (config.admission !== undefined || !FORBIDDEN_OR_MISSING.has(httpStatus(error) ?? 0))
      throw error;
    log.warn(
      { reason: reasonOf(error) },
      'cannot read or create the key of the installation; a team whose claim exists when the controller restarts, and that has not started, waits until somebody deletes the claim',
    );
    return randomBytes(32);
  }
}

/** Works while this replica holds the lease, and releases the lease only after the work has ended. */
async function whileLeading(
  config: Config,
  api: KubeApi,
  log: Logger,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (!config.leaderElection) return work(signal);
  const lease = new LeaderElection({
    api,
    namespace: config.ownNamespace,
    name: config.leaseName,
    identity: config.identity,
    log,
  });
  try {
    await lease.acquire(signal);
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  const worked = new AbortController();
  const lost = new AbortController();
  const working = work(AbortSignal.any([signal, lost.signal])).finally(() => worked.abort());
  try {
    await lease.hold(worked.signal);
  } catch (error) {
    // Do not wait for work that hangs on a dead connection: another replica may lead at any moment.
    lost.abort();
    throw error;
  }
  await working;
}

async function admissionHandlers(
  config: Config,
  { api, templates }: Assembly,
): Promise<Readonly<Record<string, Admit>>> {
  const self = await api.whoAmI();
  const options = compileOptions(config);
  const readTemplate = templateReader(templates, api);
  const limited =
    (admit: Admit): Admit =>
    (request) =>
      refuseExcess(request) ?? admit(request);
  return {
    '/validate': limited((request) => {
      switch (request.kind.kind) {
        case AGENT_TEAM_TEMPLATE.kind:
          return validateTemplate(request, options);
        case AGENT_TEAM_RUN.kind:
          return validateRun(request, readTemplate, options);
        default:
          return validateTeam(request, readTemplate, options);
      }
    }),
    '/mutate': limited((request) => mutate(request, self, new Date().toISOString())),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
