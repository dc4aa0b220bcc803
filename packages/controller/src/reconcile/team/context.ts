import type { CompileOptions } from '@agentteam/compiler';
import type { Logger } from 'pino';
import type { CachedWorkflow } from '../../argo/cached-workflow.ts';
import type { OffloadedNodes } from '../../argo/offloaded.ts';
import type { KubeApi } from '../../kube/api.ts';
import type { AssumeCache } from '../../kube/assume-cache.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { Notifier } from '../../notify/notifier.ts';
import type { CachedTeam } from '../cached-resource.ts';
import type { FiguresKeys } from '../figures-keys.ts';
import type { LiveFigures } from '../live-figures.ts';
import type { NamespaceCompanions } from '../namespace-companions.ts';
import type { WaitingPods } from '../waiting-pods.ts';

type Assumed<T extends KubeObject> = Pick<AssumeCache<T>, 'get' | 'assume'>;

/** The dependencies of a team's reconcile. */
export interface TeamContext {
  readonly api: KubeApi;
  /** Teams, with the statuses that this controller has just written. */
  readonly teams: Assumed<CachedTeam>;
  /** Workflows by their own key, with this controller's own writes. */
  readonly workflows: Assumed<CachedWorkflow>;
  readonly offloaded: OffloadedNodes;
  readonly companions: Pick<NamespaceCompanions, 'ensure'>;
  readonly keys: Pick<FiguresKeys, 'keyOf' | 'invalidate' | 'isOlderThanKey'>;
  readonly live: LiveFigures;
  readonly waitingPods: Pick<WaitingPods, 'of' | 'forget'>;
  readonly notifier: Pick<Notifier, 'setPending' | 'sentAt' | 'forget'>;
  readonly compileOptions: CompileOptions;
  /** The installation's key, which opens gates with approvers. */
  readonly gateKey: Buffer;
  readonly now: () => Date;
  readonly log: Logger;
}
