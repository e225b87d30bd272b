/** A configured MCP server, with its secrets resolved. */
export interface ServerConfig {
  readonly id: string;
  /** Unique; the first part of its tools' names. */
  readonly name: string;
  readonly protocol: 'http' | 'stdio';
  /** http: origin and base path; the MCP URL is `url` without trailing slash + `mcpEndpoint`. */
  readonly url: string;
  readonly mcpEndpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** stdio: the binary to run; never through a shell or npx. */
  readonly command: string;
  readonly args: readonly string[];
  /** stdio: all that the child's environment holds, besides PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
  /** An admin vouches for it: its hints may lower a tool's effect. */
  readonly isTrusted: boolean;
}

/** How a server stands, for health, metrics and people. */
export interface ServerState {
  readonly name: string;
  readonly status: 'connecting' | 'connected' | 'failed';
  readonly toolCount: number;
  /** One sentence: why it failed. */
  readonly error?: string;
}
