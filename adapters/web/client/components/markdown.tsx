import { isValidElement, memo, type ReactNode, useDeferredValue } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { CodeBlock } from './code-block.tsx';

/**
 * A model's words. They are never trusted: HTML stays text, links lead only to the web or to mail,
 * and images are shown as links, since loading one could carry data out through its address.
 */
export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  const shown = useDeferredValue(text);
  return (
    <div className="markdown">
      <ReactMarkdown remarkPlugins={[remarkGfm]} components={COMPONENTS} urlTransform={safeUrl}>
        {shown}
      </ReactMarkdown>
    </div>
  );
});

const COMPONENTS: Components = {
  a: ({ href, children }) => <OutsideLink href={href}>{children}</OutsideLink>,
  img: ({ src, alt }) => (
    <OutsideLink href={typeof src === 'string' ? src : undefined}>
      Image: {alt || 'without a description'}
    </OutsideLink>
  ),
  pre: ({ children }) => <CodeBlock {...codeOf(children)} />,
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="table-frame" aria-label="Table" tabIndex={0}>
      <table>{children}</table>
    </section>
  ),
};

function OutsideLink({
  href,
  children,
}: {
  readonly href: string | undefined;
  readonly children: ReactNode;
}) {
  if (!href) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

/** Empty for whatever is not an absolute web or mail address. */
function safeUrl(url: string): string {
  const protocol = URL.parse(url)?.protocol;
  return protocol === 'https:' || protocol === 'http:' || protocol === 'mailto:' ? url : '';
}

function codeOf(children: ReactNode): { readonly code: string; readonly language: string } {
  if (!isValidElement<{ className?: string; children?: ReactNode }>(children))
    return { code: String(children), language: '' };
  const { className = '', children: code } = children.props;
  return {
    code: String(code ?? '').replace(/\n$/, ''),
    language: /language-(\S+)/.exec(className)?.[1] ?? '',
  };
}
