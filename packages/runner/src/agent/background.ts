/** Something that an agent started in the background and that still runs. */
export interface BackgroundTask {
  /** Claude Code's own id of it. */
  readonly id: string;
  readonly description: string;
}
