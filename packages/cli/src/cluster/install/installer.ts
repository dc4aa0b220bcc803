import type { AgentTeam } from '@agentteam/api';
import { CLI_FIELD_MANAGER } from '@agentteam/contract';
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
import { controllerObjects, EVERYWHERE, KINDS, namespaceObject } from './objects.ts';
import type { InstallSettings } from './settings.ts';

/** What became of an object. */
export interface Change {
  readonly object: Manifest;
  readonly done: 'applied' | 'deleted' | 'was not there' | 'kept';
}

/** Puts the kinds and the controller into a cluster and takes them out again. Done twice, it is the same. */
export class Installer {
  readonly #connection: Connection;
  readonly #api: KubernetesObjectApi;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#api = KubernetesObjectApi.makeApiClient(connection.config);
  }

  /** @param dryRun the server does all but keep it. */
  async *install(settings: InstallSettings, dryRun: boolean): AsyncIterable<Change> {
    for (const kind of KINDS) yield await this.#applyKind(kind, dryRun);
    const namespace = namespaceObject(settings.namespace);
    // One that is there already is not ours to label, nor to delete some day.
    if (await this.#isThere(namespace)) yield { object: namespace, done: 'kept' };
    else yield await this.#apply(namespace, dryRun);
    // Nothing can be tried in a namespace that was only tried itself.
    if (dryRun && !(await this.#isThere(namespace))) return;
    for (const object of controllerObjects(settings)) yield await this.#apply(object, dryRun);
    // Of an installation before, for all namespaces: its rights would reach on.
    if (settings.watched.length > 0 && !dryRun && (await this.#isOurs(EVERYWHERE))) {
      yield await this.#delete(EVERYWHERE);
    }
  }

  /**
   * @param kinds the kinds as well.
   * @throws Failure while there are teams: nobody would see to them any more, nor to their deletion.
   */
  async *uninstall(settings: InstallSettings, kinds: boolean): AsyncIterable<Change> {
    await this.#refuseWhileTeams();
    for (const object of controllerObjects(settings).toReversed()) yield await this.#delete(object);
    const namespace = namespaceObject(settings.namespace);
    if (await this.#isOurs(namespace)) yield await this.#delete(namespace);
    else yield { object: namespace, done: 'kept' };
    for (const kind of KINDS) {
      yield kinds ? await this.#delete(kind) : { object: kind, done: 'kept' };
    }
  }

  async #refuseWhileTeams(): Promise<void> {
    if (
      !(await this.#isThere(
        KINDS.find(({ metadata }) => metadata.name.startsWith(`${TEAMS.plural}.`)),
      ))
    )
      return;
    const teams = await new CustomObjects<AgentTeam>(this.#connection, TEAMS).list(true);
    if (teams.length === 0) return;
    const names = teams.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    throw new Failure(`there are teams: ${names.join(', ')}`, {
      hint: 'Delete them first (agentteam delete NAME -n NAMESPACE --wait): the controller ends their agents.',
    });
  }

  /** As it is: the client's own type of definitions knows neither `default` nor CEL rules by their names. */
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
    if (!(await this.#isThere(object))) return { object, done: 'was not there' };
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

  async #isThere(object: Manifest | undefined): Promise<boolean> {
    return object !== undefined && (await this.#read(object)) !== undefined;
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
