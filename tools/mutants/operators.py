"""Small faults that Cosmic Ray has no operator for.

Each is an operator in its sense: `mutation_positions` yields where a node can be changed, `mutate`
gives the changed node.
"""

import cosmic_ray.plugins
from cosmic_ray.operators.operator import Example, Operator
from parso.python.tree import Keyword, Name
from parso.python.tree import Operator as Sign

ASKING = ("isinstance", "issubclass", "getattr", "hasattr", "setattr")
# Keyword arguments that change nothing where all is right.
NO_MATTER = ("strict", "copy")
AUGMENTED = {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*="}
CALLED = {
    "all": "any",
    "any": "all",
    "max": "min",
    "maximum": "minimum",
    "mean": "sum",
    "min": "max",
    "minimum": "maximum",
    "ones": "zeros",
    "ones_like": "zeros_like",
    "reversed": "list",
    "sigmoid": "tanh",
    "sum": "mean",
    "tanh": "sigmoid",
    "zeros": "ones",
    "zeros_like": "ones_like",
}


class ReplaceAugmented(Operator):
    """a += b becomes a -= b, and so on."""

    def mutation_positions(self, node):
        if isinstance(node, Sign) and node.value in AUGMENTED:
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        node.value = AUGMENTED[node.value]
        return node

    @classmethod
    def examples(cls):
        return (Example("x += y", "x -= y"),)


class ReplaceFunction(Operator):
    """sum becomes mean, zeros becomes ones, and so on."""

    def mutation_positions(self, node):
        if isinstance(node, Name) and node.value in CALLED:
            called = node.get_next_leaf()
            if called is not None and called.value == "(":
                yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        node.value = CALLED[node.value]
        return node

    @classmethod
    def examples(cls):
        return (Example("x.sum(axis=0)", "x.mean(axis=0)"),)


class DropTranspose(Operator):
    """W.T becomes W."""

    def mutation_positions(self, node):
        if node.type == "trailer" and [leaf.value for leaf in _leaves(node)] == [".", "T"]:
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        return None

    @classmethod
    def examples(cls):
        return (Example("x @ W.T + b", "x @ W + b"),)


class ExchangeArguments(Operator):
    """f(a, b) becomes f(b, a)."""

    def mutation_positions(self, node):
        children = getattr(node, "children", [])
        # a list, since the node is changed before the last of them is asked for
        yield from [(children[k].start_pos, children[k + 2].end_pos) for k in _pairs(node)]

    def mutate(self, node, index):
        left = _pairs(node)[index]
        children = node.children
        children[left], children[left + 2] = children[left + 2], children[left]
        return node

    @classmethod
    def examples(cls):
        return (
            Example("f(a,b,c)", "f(b,a,c)"),
            Example("f(a,b,c)", "f(a,c,b)", occurrence=1),
        )


class DropKeyword(Operator):
    """f(a, axis=0) becomes f(a)."""

    def mutation_positions(self, node):
        children = getattr(node, "children", [])
        yield from [(children[k].start_pos, children[k].end_pos) for k in _keywords(node)]

    def mutate(self, node, index):
        place = _keywords(node)[index]
        del node.children[place - 1 : place + 1]
        return node

    @classmethod
    def examples(cls):
        return (Example("f(a, axis=0)", "f(a)"),)


class DropStatement(Operator):
    """A call or an augmented assignment that stands alone becomes `pass`."""

    def mutation_positions(self, node):
        if node.type == "simple_stmt" and (_is_call(node.children[0]) or _adds(node.children[0])):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node, index):
        old = node.children[0]
        node.children[0] = Keyword("pass", old.start_pos, old.get_first_leaf().prefix)
        return node

    @classmethod
    def examples(cls):
        return (Example("steps.reverse()\n", "pass\n"),)


def _leaves(node):
    return [child for child in node.children if not hasattr(child, "children")]


def _pairs(node):
    """Where two positional arguments stand beside each other.

    Where an exchange is an error whatever is given it would only flatter the tests: with text, with
    a number, and in what asks for a type or an attribute.
    """
    if node.type != "arglist":
        return []
    # f ( a , b ): the leaves before a are "(" and f, and before f perhaps "." and checks.
    leaf, before = node.get_first_leaf(), []
    while len(before) < 4 and (leaf := leaf.get_previous_leaf()) is not None:
        before.append(leaf.value)
    if before[1] in ASKING or before[2:] == [".", "checks"]:
        return []
    literal = ("argument", "string", "number", "strings", "fstring")
    plain = [child.type not in literal for child in node.children]
    return [k for k in range(0, len(plain) - 2, 2) if plain[k] and plain[k + 2]]


def _keywords(node):
    """Where a keyword argument that matters follows another."""
    if node.type != "arglist":
        return []
    return [
        k
        for k in range(2, len(node.children), 2)
        if node.children[k].type == "argument"
        and node.children[k].children[1] == "="
        and node.children[k].children[0].value not in NO_MATTER
    ]


def _is_call(node):
    return node.type in ("atom_expr", "power") and node.get_last_leaf().value == ")"


def _adds(node):
    return node.type == "expr_stmt" and any(leaf.value in AUGMENTED for leaf in _leaves(node))


OWN = {
    kind.__name__: kind
    for kind in (
        ReplaceAugmented,
        ReplaceFunction,
        DropTranspose,
        ExchangeArguments,
        DropKeyword,
        DropStatement,
    )
}


def register():
    """Make them known to Cosmic Ray as book/NAME."""
    cosmic_ray.plugins.OPERATOR_PROVIDERS["book"] = OWN
