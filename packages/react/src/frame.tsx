import { useEffect, useRef, useState, type CSSProperties, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { useSurroundings, type Theme } from "./context.js";
import { stylesheet } from "./styles.js";

interface FrameProps {
  /** What it is, as `oriel-dashboard`. */
  kind: string;
  className: string | undefined;
  theme: Theme | undefined;
  /** Its size, which is the host's to decide. */
  size?: CSSProperties | undefined;
  label?: string | undefined;
  busy?: boolean | undefined;
  /** Styles beyond those of all components. */
  styles?: string;
  children: ReactNode;
}

/**
 * What comes from the page by inheritance is reset inside, where not even an
 * `!important` of the page reaches; custom properties come through.
 */
const resetStyles = "@layer oriel-reset,oriel;@layer oriel-reset{.oriel{all:initial;display:block}}";

/**
 * The outermost element of each component: in the page, under the styles' cascade
 * layer, or in a shadow root of its own, which no style of the page reaches into.
 */
export function Frame(props: FrameProps) {
  const { isolate } = useSurroundings("Frame");
  return isolate === "shadow" ? <ShadowFrame {...props} /> : <Element {...props} />;
}

function Element({ kind, className, theme, size, label, busy, styles, children }: FrameProps) {
  const outer = useSurroundings("Frame");
  const Tag = label === undefined && busy === undefined ? "div" : "section";
  return (
    <Tag
      className={`oriel ${kind} ${className ?? ""}`.trimEnd()}
      style={size}
      data-oriel-theme={theme ?? outer.theme}
      aria-label={label}
      aria-busy={busy}
    >
      {styles !== undefined && <style nonce={outer.nonce} dangerouslySetInnerHTML={{ __html: styles }} />}
      {children}
    </Tag>
  );
}

function ShadowFrame({ className, size, ...props }: FrameProps) {
  const { nonce } = useSurroundings("Frame");
  const host = useRef<HTMLDivElement>(null);
  const [root, setRoot] = useState<ShadowRoot>();
  useEffect(() => {
    // StrictMode's second mount finds the root of the first.
    if (host.current) setRoot(host.current.shadowRoot ?? host.current.attachShadow({ mode: "open" }));
  }, []);
  // An inner frame of a fixed height fills the host's, which the page can see.
  const inner = size?.height === undefined ? size : { ...size, height: "100%" };
  return (
    <div ref={host} className={className} style={size}>
      {root &&
        createPortal(
          <>
            <style nonce={nonce} dangerouslySetInnerHTML={{ __html: resetStyles + stylesheet }} />
            <Element {...props} className={undefined} size={inner} />
          </>,
          root,
        )}
    </div>
  );
}
