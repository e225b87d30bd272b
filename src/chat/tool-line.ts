/** One tool, as lists show it. */
export interface ToolLine {
  readonly name: string;
  readonly effect: string;
  readonly description: string;
}
