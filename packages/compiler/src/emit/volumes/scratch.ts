import { PATHS } from '@agentteam/contract';
import { emptyDir, join, type Mounted } from './mounted.ts';

/** Directories that are lost with the pod. */
export const SCRATCH: Mounted = join(emptyDir('home', PATHS.home), emptyDir('tmp', '/tmp'));

/** Scratch directories for `setup`, separate from the agent's: the agent must not read what setup leaves there. */
export const SETUP_SCRATCH: Mounted = join(
  emptyDir('setup-home', PATHS.home),
  emptyDir('setup-tmp', '/tmp'),
);
