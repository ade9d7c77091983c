pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Window
import "../theme"

// The anatomy of every page: band, question, help, answer area, keyboard, Back and Continue.
FocusScope {
    id: page

    default property alias content: body.data
    property string title: Bridge.state.title
    property string help: Bridge.state.help
    property string place: ""
    property string titleIcon: ""
    property color titleIconColour: Theme.success
    property bool hasBack: Bridge.state.can_back
    property bool hasNext: Bridge.state.can_next
    property bool hasSkip: Bridge.state.can_skip
    property bool counts: true
    property bool steadySkip: false
    property string backTouch: hasBack ? "back" : ""
    property string nextTouch: "next"
    property string nextText: Words.text("button.next")
    property string nextIcon: "arrow-right"
    property int spacing: Theme.wideGap
    readonly property bool upright: height > width
    readonly property bool helpHere: page.help !== "" && !band.helpShown
    readonly property int contentWidth: answers.width - 2 * Theme.margin
    readonly property ScrollArea scroller: answers

    // What nearly fits is set a little closer, so that nobody has to scroll. The keyboard does not count: its coming moves nothing.
    readonly property int closeGap: Math.min(spacing, Theme.mm(6))
    readonly property var shownParts: body.visibleChildren.filter(part => part.height > 0)
    readonly property bool close: heightWith(false) > pane.height && heightWith(true) <= pane.height

    function topWith(closer: bool): int {
        return Theme.mm(upright ? (closer ? 8 : 13) : (closer ? 7 : 11));
    }

    function heightWith(closer: bool): real {
        const heights = shownParts.reduce((sum, part) => sum + part.height, 0) + (head.visible ? head.height : 0);
        const between = (shownParts.length - 1) * (closer ? closeGap : spacing) + (head.visible ? (closer ? closeGap : Theme.wideGap) : 0);
        return topWith(closer) + heights + between + Theme.mm(3);
    }

    // The field that the keyboard types into; it stays so while a keypad walks over the keys.
    readonly property Item focused: Window.activeFocusItem
    property var typedField: null
    readonly property string keyboardKind: typedField && typedField.keyboardKind !== undefined ? typedField.keyboardKind : "none"
    readonly property bool typing: keyboardKind !== "none"

    anchors.fill: parent

    onFocusedChanged: sight.restart()

    // The back key of a keypad.
    function goBack(): void {
        if (backTouch !== "")
            ways.go(backTouch);
    }

    function isOnKeyboard(item: Item): bool {
        for (let above = item; above; above = above.parent)
            if (above === typewriter)
                return true;
        return false;
    }

    // Also what a keypad walks to is brought into sight.
    function revealField(): void {
        if (page.focused)
            answers.reveal(page.focused, partWith(page.focused));
    }

    // The part of the answer area, such as a field with its label, that holds `item`.
    function partWith(item: Item): Item {
        let part = item;
        while (part && part.parent !== body)
            part = part.parent;
        return part;
    }

    Timer {
        id: sight

        interval: 1  // when the focus has settled, and again when the keyboard has taken its room

        onTriggered: {
            if (!page.isOnKeyboard(page.focused))
                page.typedField = page.focused;
            page.revealField();
        }
    }
    Rectangle {
        anchors.fill: parent
        color: Theme.page
    }
    Band {
        id: band

        counts: page.counts
        height: page.upright ? implicitHeight : page.height
        help: page.help
        place: page.place
        title: page.title
        titleIcon: page.titleIcon
        upright: page.upright
        waysHeight: ways.implicitHeight
        width: page.upright ? page.width : Math.round(page.width * (Theme.growth > 1.5 ? 0.36 : Theme.enlarged ? 0.33 : 0.3))
    }
    Item {
        id: pane

        anchors.bottom: page.upright ? ways.top : parent.bottom
        anchors.left: page.upright ? parent.left : band.right
        anchors.right: parent.right
        anchors.top: page.upright ? band.bottom : parent.top

        ScrollArea {
            id: answers

            anchors.bottom: typewriter.top
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: parent.top
            bottomMargin: page.upright || page.typing ? 0 : Theme.mm(4.4)
            spacing: page.close ? page.closeGap : Theme.wideGap
            topMargin: page.topWith(page.close)

            onHeightChanged: sight.restart()

            Column {
                id: head

                spacing: Theme.mm(3.5)
                visible: !band.asks || page.helpHere || notices.count > 0
                width: parent.width

                Item {
                    height: Math.max(title.implicitHeight, mark.visible ? mark.height : 0)
                    visible: !band.asks && page.title !== ""
                    width: parent.width

                    Icon {
                        id: mark

                        anchors.verticalCenter: parent.verticalCenter
                        colour: page.titleIconColour
                        name: page.titleIcon
                        size: Theme.mm(30)
                        visible: page.titleIcon !== ""
                    }
                    Label {
                        id: title

                        Accessible.role: Accessible.Heading
                        anchors.left: mark.visible ? mark.right : parent.left
                        anchors.leftMargin: mark.visible ? Theme.mm(8) : 0
                        anchors.right: parent.right
                        anchors.verticalCenter: parent.verticalCenter
                        bold: true
                        even: true
                        lineHeight: 0.94
                        size: Theme.titleText
                        text: page.title
                    }
                }
                Label {
                    id: help

                    color: Theme.muted
                    even: true
                    size: Theme.supportText
                    text: page.help
                    visible: page.helpHere
                    width: parent.width
                }
                Repeater {
                    id: notices

                    model: Bridge.state.notices

                    NoticeLine {
                        required property var modelData

                        text: Words.message("notice", modelData)
                        width: head.width
                    }
                }
            }
            Column {
                id: body

                spacing: page.close ? page.closeGap : page.spacing
                width: parent.width
            }
        }
        Loader {
            id: typewriter

            active: page.typing
            anchors.bottom: parent.bottom
            anchors.left: parent.left
            anchors.right: parent.right
            height: active ? implicitHeight : 0

            sourceComponent: KeyboardPlace {
                kind: page.keyboardKind
                target: page.typedField

                onClosed: page.typedField = null
            }
        }
    }
    Ways {
        id: ways

        anchors.bottom: parent.bottom
        anchors.left: parent.left
        hasBack: page.hasBack
        hasNext: page.hasNext
        hasSkip: page.hasSkip
        height: implicitHeight
        nextIcon: page.nextIcon
        nextText: page.nextText
        nextTouch: page.nextTouch
        steadySkip: page.steadySkip
        upright: page.upright
        width: band.width
    }
}
