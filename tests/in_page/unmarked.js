// Controls that do not show that the keyboard is on them (WCAG 2.4.7), and stops of the Tab key in formulas.
() => {
    const stops = "a[href], button, input, summary, select, textarea, [tabindex], [contenteditable='true']";
    const unmarked = [], formulas = [];
    let seen = 0;
    for (const it of document.querySelectorAll(stops)) {
        if (it.disabled || it.tabIndex < 0 || !it.checkVisibility({ visibilityProperty: true })) continue;
        it.focus();
        if (document.activeElement !== it) continue;
        seen += 1;
        const style = getComputedStyle(it);
        const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
        if (!ring) unmarked.push(it.outerHTML.slice(0, 150));
        const formula = it.closest("math");
        // One that leads to its wire and its line of code is a stop on purpose: test_turn_browser.py.
        if (formula && !it.dataset.symbol && formula.scrollWidth <= formula.clientWidth) formulas.push(it.outerHTML.slice(0, 150));
    }
    return { seen, unmarked, formulas };
}
