/** The one style sheet of the pages, sent inline. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --good: #17693a; --bad: #b3261e; --wait: #8a5a00; --link: #0b57d0; --page: #fff; --text: #1b1b1f }
@media (prefers-color-scheme: dark) { :root { --good: #6dd58c; --bad: #f2b8b5; --wait: #f2c46d; --link: #a8c7fa; --page: #131316; --text: #e6e1e5 } }
* { box-sizing: border-box }
html { background: var(--page); color: var(--text) }
body { margin: 0 auto; max-width: 60rem; padding: 0 1rem 4rem; font: 1rem/1.5 system-ui, sans-serif }
a { color: var(--link) }
a:focus-visible, button:focus-visible, textarea:focus-visible, input:focus-visible, summary:focus-visible, select:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
.skip { position: absolute; left: -100vw }
.skip:focus { left: 1rem; top: .5rem }
header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: baseline; padding: 1rem 0; border-bottom: 1px solid var(--line) }
header nav { display: flex; gap: 1rem; flex: 1 }
header form { display: inline }
nav a[aria-current] { font-weight: 600; text-decoration: none; color: inherit }
h1 { font-size: 1.5rem; margin: 1.5rem 0 .5rem; overflow-wrap: anywhere }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .5rem 0 }
.facts dt { opacity: .8 }
.facts dd { margin: 0; overflow-wrap: anywhere }
.key dd { font-size: 1.15rem; font-weight: 600 }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0 }
.card > h2:first-child { margin-top: 0 }
.card table { margin: .75rem 0 }
.badge { font-weight: 600; display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem; overflow-wrap: anywhere }
.badge.good::before { content: "\\2713\\00a0" / "" } .badge.bad::before { content: "\\2715\\00a0" / "" }
.badge.wait::before { content: "\\25f7\\00a0" / "" } .badge.quiet::before { content: "\\25cb\\00a0" / "" }
.good { color: var(--good) } .bad { color: var(--bad) } .wait { color: var(--wait) }
.steps { padding-left: 0; list-style: none }
.steps ul, .steps ol { list-style: none; padding-left: 1.5rem; border-left: 2px solid var(--line) }
.steps li { padding: .25rem 0 }
small, .quiet { opacity: .85 }
pre { background: var(--soft); padding: .75rem; border-radius: .25rem; overflow: auto; max-height: 24rem; white-space: pre-wrap; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere }
caption { text-align: left; padding: .35rem 0; opacity: .8 }
label { display: block; margin: .75rem 0 .25rem; font-weight: 600 }
textarea, input, select { font: inherit; width: 100%; padding: .5rem; border: 1px solid #888; border-radius: .25rem; background: transparent; color: inherit }
button { font: inherit; padding: .5rem 1.25rem; margin: 1rem .5rem 0 0; border: 1px solid currentColor; border-radius: .25rem; background: transparent; color: inherit; cursor: pointer }
button.good, button.bad { font-weight: 600 }
label.check { font-weight: 400 }
label.check input { width: auto; margin-right: .5rem }
details { margin: .75rem 0 }
summary { cursor: pointer; padding: .25rem 0 }
@media (max-width: 36rem) {
.facts { grid-template-columns: 1fr; gap: 0 }
.facts dd { margin-bottom: .5rem }
header nav { flex-basis: 100%; order: 1 }
thead { position: absolute; left: -100vw }
table, caption, tbody, tr, th, td { display: block; padding-right: 0 }
tr { border-bottom: 1px solid var(--line); padding: .5rem 0 }
th, td { border: 0; padding: .15rem 0 }
td[data-label]::before { content: attr(data-label) ": "; opacity: .85 }
button { width: 100%; margin-right: 0 }
header button { width: auto }
.steps ul, .steps ol { padding-left: .75rem }
}
header button { margin: 0; padding: .1rem .6rem }
.notice { border-left: 4px solid var(--wait); padding: .5rem 1rem; background: var(--soft) }
`;
