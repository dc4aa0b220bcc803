import type { TeamView } from '../view/team-view.ts';

/** Shows a team while it is running. */
export interface Display {
  /** Shows the current state. */
  update(view: TeamView): void;
  /** Asks the user to confirm the rejection of a gate; undefined withdraws the question. */
  confirmReject(event: string | undefined): void;
  /** Prints a line that remains on the screen. */
  note(text: string): void;
  /** Leaves the screen to the shell. The next update starts below what it prints. */
  leave(): void;
  /** Stops updating and leaves the last state on the screen. */
  end(): void;
}
