import type { Command } from 'commander';
import { type Context, note } from '../../context.ts';
import { oneLine } from '../../output/terminal/safe.ts';
import type { VolumeAccess } from '../../teams/team-host.ts';
import { parseImage, parseTimeout } from './parsers.ts';

/** Options of commands that read a team's volume, which takes a pod on a cluster. */
export interface VolumeOptions {
  readonly image?: string;
  readonly startTimeout?: number;
}

const START_MS = 120_000;

export function addVolumeOptions(command: Command): Command {
  return command
    .option(
      '--image <image>',
      "on a cluster: image of the pod that reads the volume (default: the team's own)",
      parseImage,
    )
    .option(
      '--start-timeout <duration>',
      'on a cluster: how long that pod may take to start, such as 10m (default: 2m)',
      parseTimeout,
    );
}

export function volumeAccess(
  context: Context,
  { image, startTimeout = START_MS }: VolumeOptions,
): VolumeAccess {
  return {
    ...(image !== undefined && { image }),
    startWithinMs: startTimeout,
    signal: context.signal,
    onNote: (text) => note(context, oneLine(text)),
  };
}
