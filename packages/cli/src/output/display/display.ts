import type { TeamView } from '../view/team-view.ts';

/** Shows a team while it runs. */
export interface Display {
  /** The team as it is now. */
  update(view: TeamView): void;
  /** Asks for a key that confirms the rejection of a gate; undefined: asks no more. */
  confirmReject(event: string | undefined): void;
  /** A line that stays. */
  note(text: string): void;
  /** The team has ended, or is left alone: leave the last state on the screen. */
  end(): void;
}
