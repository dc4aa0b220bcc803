import type { Template } from '@agentteam/argo';
import type { ImageEngine } from '../images/image-engine.ts';
import type { SandboxNetwork } from '../sandbox/network.ts';
import type { Programs } from './container.ts';
import type { VolumeSources } from './mounts.ts';
import type { PortOf } from './probe.ts';

export interface PodOptions {
  readonly directory: string;
  /** With all `{{…}}` substituted. */
  readonly template: Template;
  readonly sources: VolumeSources;
  readonly programs: Programs;
  /** The network of a container's sandbox; undefined for a container without a sandbox. */
  readonly sandbox: (container: string) => SandboxNetwork | undefined;
  readonly env: (container: string) => Readonly<Record<string, string>>;
  readonly portOf: PortOf;
  /** Runs the containers that have no program; absent where there are none. */
  readonly imageEngine?: ImageEngine | undefined;
  /** Called when all init containers are done and the main container starts. */
  readonly onInitialized: () => void;
  /** Called before a sidecar that has ended is started again. */
  readonly onRestart: (container: string, exitCode: number) => void;
}
