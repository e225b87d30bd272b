/** A program that an MCP server would be. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Names of variables that it would get. */
  readonly variables: readonly string[];
}

export interface StdioRules {
  /** Anything may be run; LAB only. */
  readonly isFree: boolean;
  /** Commands, each perhaps with the arguments that it must begin with. */
  readonly allowed: readonly string[];
}

/** Variables by which a program is made to run other code than its own. */
const steering =
  /^(NODE_|NPM_|LD_|DYLD_|PYTHON|PERL|RUBY|GIT_|LUA_|BASH_|JAVA_TOOL_OPTIONS$|_JAVA_OPTIONS$|JDK_JAVA_OPTIONS$|CLASSPATH$|PATH$|ENV$|IFS$|PS4$|SHELLOPTS$|DOTNET_STARTUP_HOOKS$|COR_|CORECLR_)/i;

/**
 * Why a program may not be run, as a sentence. Outside LAB its command must be allowed, and no variable
 * may steer it; a bundled one is allowed by itself.
 */
export function refusalOfProgram(program: Program, { isFree, allowed }: StdioRules): string | undefined {
  if (isFree) return undefined;
  const variable = program.variables.find((name) => steering.test(name));
  if (variable !== undefined)
    return `It is not run: the variable ${variable} can make a program run other code. Leave it out.`;
  const line = [program.command, ...program.args];
  const isAllowed =
    program.command === 'bundled' || allowed.some((entry) => beginsWith(line, entry.split(/\s+/)));
  if (isAllowed) return undefined;
  return `It is not run: ${program.command} with these arguments is not in AI_OPS_STDIO_ALLOW.`;
}

function beginsWith(line: readonly string[], start: readonly string[]): boolean {
  return start.every((word, n) => line[n] === word);
}
