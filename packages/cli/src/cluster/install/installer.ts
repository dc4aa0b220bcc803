import type { AgentTeam } from '@agentteam/api';
import { CLI_FIELD_MANAGER } from '@agentteam/contract';
import { teamExitCode } from '@agentteam/status';
import {
  CustomObjectsApi,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { Failure } from '../../failure.ts';
import { TEAMS } from '../../teams/cluster/cluster-team.ts';
import type { Connection } from '../connection/connection.ts';
import { CustomObjects } from '../connection/custom-objects.ts';
import { httpStatus, requestFailure } from '../connection/errors.ts';
import type { Manifest } from './manifest.ts';
import { clusterWideBinding, controllerObjects, KINDS, namespaceObject } from './objects.ts';
import type { InstallSettings } from './settings.ts';

/** What happened to an object. */
export interface Change {
  readonly object: Manifest;
  readonly done: 'applied' | 'deleted' | 'not-found' | 'kept';
}

/**
 * Installs the custom resource definitions and the controller, and uninstalls them. Both are idempotent.
 */
export class Installer {
  readonly #connection: Connection;
  readonly #api: KubernetesObjectApi;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#api = KubernetesObjectApi.makeApiClient(connection.config);
  }

  /** @param dryRun the API server checks every object and stores none. */
  async *install(settings: InstallSettings, dryRun: boolean): AsyncIterable<Change> {
    for (const kind of KINDS) yield await this.#applyKind(kind, dryRun);
    const namespace = namespaceObject(settings.namespace);
    // An existing namespace is not labelled, so that `uninstall` does not delete it.
    if (await this.#isThere(namespace)) yield { object: namespace, done: 'kept' };
    else yield await this.#apply(namespace, dryRun);
    // A dry run does not create the namespace, so the API server would refuse every object in it.
    if (dryRun && !(await this.#isThere(namespace))) return;
    for (const object of controllerObjects(settings)) yield await this.#apply(object, dryRun);
    // An earlier installation for all namespaces has left rights in every namespace.
    const binding = clusterWideBinding();
    if (settings.watched.length > 0 && !dryRun && (await this.#isOurs(binding))) {
      yield await this.#delete(binding);
    }
  }

  /**
   * @param kinds delete the custom resource definitions too, and with them all teams.
   * @throws Failure while a team has not ended: without the controller nothing stops its agents.
   */
  async *uninstall(settings: InstallSettings, kinds: boolean): AsyncIterable<Change> {
    await this.#refuseWhileTeamsAreActive();
    for (const object of controllerObjects(settings).toReversed()) yield await this.#delete(object);
    const namespace = namespaceObject(settings.namespace);
    if (await this.#isOurs(namespace)) yield await this.#delete(namespace);
    else yield { object: namespace, done: 'kept' };
    for (const kind of KINDS) {
      yield kinds ? await this.#delete(kind) : { object: kind, done: 'kept' };
    }
  }

  async #refuseWhileTeamsAreActive(): Promise<void> {
    const definition = KINDS.find(({ metadata }) => metadata.name.startsWith(`${TEAMS.plural}.`));
    if (definition === undefined || !(await this.#isThere(definition))) return;
    const teams = await new CustomObjects<AgentTeam>(this.#connection, TEAMS).list(true);
    const active = teams.filter(({ status = {} }) => teamExitCode(status) === undefined);
    if (active.length === 0) return;
    const names = active.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    throw new Failure(`these teams have not ended: ${names.join(', ')}`, {
      hint: 'Wait for them, or delete them first (agentteam delete NAME -n NAMESPACE --wait): only the controller can stop their agents.',
    });
  }

  /**
   * Applies a definition as plain JSON: the client's type for definitions renames `default` and the
   * fields of CEL rules.
   */
  async #applyKind(object: Manifest, dryRun: boolean): Promise<Change> {
    const api = this.#connection.config.makeApiClient(CustomObjectsApi);
    await this.#request(
      api.patchClusterCustomObject(
        {
          group: 'apiextensions.k8s.io',
          version: 'v1',
          plural: 'customresourcedefinitions',
          name: object.metadata.name,
          body: object,
          fieldManager: CLI_FIELD_MANAGER,
          force: true,
          ...(dryRun && { dryRun: 'All' }),
        },
        setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
      ),
    );
    return { object, done: 'applied' };
  }

  async #apply(object: Manifest, dryRun: boolean): Promise<Change> {
    await this.#request(
      this.#api.patch(
        object as KubernetesObject,
        undefined,
        dryRun ? 'All' : undefined,
        CLI_FIELD_MANAGER,
        true,
        PatchStrategy.ServerSideApply,
      ),
    );
    return { object, done: 'applied' };
  }

  async #delete(object: Manifest): Promise<Change> {
    if (!(await this.#isThere(object))) return { object, done: 'not-found' };
    await this.#request(this.#api.delete(object as KubernetesObject));
    return { object, done: 'deleted' };
  }

  async #isOurs(object: Manifest): Promise<boolean> {
    const labels = (await this.#read(object))?.metadata?.labels ?? {};
    const managedBy = 'app.kubernetes.io/managed-by';
    return (
      labels[managedBy] !== undefined && labels[managedBy] === object.metadata.labels?.[managedBy]
    );
  }

  async #isThere(object: Manifest): Promise<boolean> {
    return (await this.#read(object)) !== undefined;
  }

  async #read({ apiVersion, kind, metadata }: Manifest): Promise<KubernetesObject | undefined> {
    const { name, namespace = '' } = metadata;
    try {
      return await this.#api.read({ apiVersion, kind, metadata: { name, namespace } });
    } catch (error) {
      if (httpStatus(error) === 404) return undefined;
      throw requestFailure(error, this.#connection.server);
    }
  }

  async #request<T>(request: Promise<T>): Promise<T> {
    try {
      return await request;
    } catch (error) {
      throw requestFailure(error, this.#connection.server);
    }
  }
}
