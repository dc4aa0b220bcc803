import type { CompileOptions } from '@agentteam/compiler';
import type { Logger } from 'pino';
import type { OffloadedNodes } from '../../argo/offloaded.ts';
import type { StoredWorkflow } from '../../argo/stored.ts';
import type { AheadStore } from '../../kube/ahead.ts';
import type { KubeApi } from '../../kube/api.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { Notifier } from '../../notify/notifier.ts';
import type { FiguresKeys } from '../figures-keys.ts';
import type { LiveFigures } from '../live.ts';
import type { NamespaceCompanions } from '../namespace.ts';
import type { StoredTeam } from '../stored.ts';

type AheadOf<T extends KubeObject> = Pick<AheadStore<T>, 'get' | 'ahead'>;

/** What a team's reconcile works with. */
export interface TeamContext {
  readonly api: KubeApi;
  /** Teams; a status that this controller has just written counts already. */
  readonly teams: AheadOf<StoredTeam>;
  /** Workflows by their own key; what this controller has just written counts already. */
  readonly workflows: AheadOf<StoredWorkflow>;
  readonly offloaded: OffloadedNodes;
  readonly companions: Pick<NamespaceCompanions, 'ensure'>;
  readonly keys: Pick<FiguresKeys, 'keyOf' | 'doubt' | 'isOlderThanKey'>;
  readonly live: LiveFigures;
  readonly notifier: Pick<Notifier, 'want' | 'sentAt' | 'forget'>;
  readonly compileOptions: CompileOptions;
  /** The installation's key for gates that only the controller can open. */
  readonly gateKey: Buffer;
  readonly now: () => Date;
  readonly log: Logger;
}
