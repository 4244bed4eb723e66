import { describe, expect, test } from 'vitest';
import { escapeHtml, renderPage, type Page } from '../../engine/report/html.js';

const page: Page = {
  title: 'Runs <of> "A & B"',
  lead: 'All well.',
  sections: [
    { heading: 'Text', blocks: [{ kind: 'text', text: '<script>alert(1)</script>' }] },
    {
      heading: 'Table',
      blocks: [
        {
          kind: 'table',
          columns: [
            { label: 'run', align: 'left' },
            { label: 'error, %', align: 'right' },
            { label: 'writer.meanOpsPerSec', align: 'right' },
          ],
          rows: [
            ['t01', { text: '+2.9', verdict: 'good' }],
            ['a'.repeat(20), '2.9'],
          ],
        },
        { kind: 'facts', facts: [['host', 'x']] },
        { kind: 'list', items: ['one'] },
      ],
    },
    {
      heading: 'Picture',
      blocks: [
        { kind: 'picture', svg: '<svg></svg>', caption: 'c' },
        { kind: 'details', summary: 'more', blocks: [{ kind: 'verbatim', text: 'a < b' }] },
      ],
    },
  ],
  footer: 'putmodel',
};

describe('a page', () => {
  const html = renderPage(page);

  test('shows text as text', () => {
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('<title>Runs &lt;of&gt; &quot;A &amp; B&quot;</title>');
    expect(html).toContain('<pre>a &lt; b</pre>');
    expect(escapeHtml(`<a href="x" id='y'>&`)).toBe('&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;');
  });

  test('loads nothing, and forbids it', () => {
    expect(html).not.toMatch(/https?:|src=|<link|<script|@import|url\(/);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  test('names its sections, aligns numbers and marks verdicts', () => {
    expect(html).toContain('<a href="#section-3">Picture</a>');
    expect(html).toContain('<section id="section-3">');
    expect(html).toContain('<th scope="col" class="right">error, %</th>');
    expect(html).toContain('<td class="right good">+2.9</td>');
    expect(html).toContain('>writer.<wbr>mean<wbr>Ops<wbr>Per<wbr>Sec</th>');
    expect(html).toContain(`<td class="left">${'a'.repeat(16)}<wbr>aaaa</td>`);
  });

  test('has rules for dark screens and for paper', () => {
    expect(html).toContain('prefers-color-scheme:dark');
    expect(html).toContain('@media print');
  });

  test('is the same bytes for the same page', () => {
    expect(renderPage(page)).toBe(html);
  });
});
