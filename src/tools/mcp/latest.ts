/** Remembers the answer to its latest arguments, which are told apart as objects. */
export function latest<Args extends readonly unknown[], Made>(
  make: (...args: Args) => Made,
): (...args: Args) => Made {
  let known: { readonly args: Args; readonly made: Made } | undefined;
  return (...args) => {
    if (known === undefined || args.some((arg, n) => arg !== known?.args[n]))
      known = { args, made: make(...args) };
    return known.made;
  };
}
