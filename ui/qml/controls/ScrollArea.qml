import QtQuick
import "../theme"

// Room for more than fits: says in words that there is more, and moves by large buttons; dragging works but is never needed.
Item {
    id: area

    default property alias content: column.data
    property alias spacing: column.spacing
    property int sideMargin: Theme.margin
    property int topMargin: Theme.mm(11)
    property int bottomMargin: 0
    readonly property bool overflowing: column.implicitHeight + topMargin + Theme.mm(3) > height
    readonly property alias moving: glide.running
    readonly property Item viewport: view

    function scrollTo(place: real): void {
        glide.to = Math.max(0, Math.min(place, view.contentHeight - view.height));
        glide.restart();
    }

    function turn(pages: real): void {
        Bridge.visit.stay();
        scrollTo(view.contentY + pages * view.height);
    }

    // Bring an item of the content into sight, with all of what it belongs to if there is room.
    function reveal(wanted: Item, around: Item): void {
        if (!overflowing || !isInside(wanted))
            return;
        const item = around && around.height <= view.height ? around : wanted;
        const top = item.mapToItem(column, 0, 0).y;
        const room = Math.max(0, Math.min(Theme.mm(12), (view.height - item.height) / 2));
        if (top + item.height + room > view.contentY + view.height - topMargin)
            scrollTo(Math.min(top, top + item.height + room + topMargin - view.height));
        else if (top - room < view.contentY)
            scrollTo(top - room);
    }

    function isInside(item: Item): bool {
        for (let above = item; above !== null; above = above.parent)
            if (above === column)
                return true;
        return false;
    }

    // A page that goes while it glides glides no more.
    Component.onDestruction: {
        if (glide.running)
            Touch.gliding = false;
    }
    onOverflowingChanged: {
        if (!overflowing)
            view.contentY = 0;
    }

    NumberAnimation {
        id: glide

        duration: 160
        easing.type: Easing.OutCubic
        property: "contentY"
        target: view

        onRunningChanged: Touch.gliding = running
    }
    Flickable {
        id: view

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        boundsBehavior: Flickable.StopAtBounds
        clip: area.overflowing
        contentHeight: column.implicitHeight + area.topMargin + Theme.mm(3)
        height: area.overflowing ? area.height - strip.height - area.bottomMargin : area.height
        interactive: area.overflowing
        pixelAligned: true

        onContentYChanged: Touch.scrollPlace = contentY
        onMovementEnded: Bridge.visit.stay()

        Column {
            id: column

            spacing: Theme.wideGap
            width: view.width - 2 * area.sideMargin
            x: area.sideMargin
            y: area.topMargin
        }
    }
    Item {
        id: strip

        anchors.bottom: parent.bottom
        anchors.bottomMargin: area.bottomMargin
        anchors.left: parent.left
        anchors.leftMargin: area.sideMargin
        anchors.right: parent.right
        anchors.rightMargin: area.sideMargin
        height: Theme.mm(29)
        visible: area.overflowing

        Rectangle {
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: parent.top
            color: Theme.divider
            height: Theme.hairline
        }
        Label {
            anchors.left: parent.left
            anchors.right: buttons.left
            anchors.rightMargin: Theme.gap
            anchors.verticalCenter: buttons.verticalCenter
            bold: !view.atYEnd
            color: view.atYEnd ? Theme.muted : Theme.accent
            size: Math.min(Theme.supportText, Theme.mm(14))
            text: Words.text(view.atYEnd ? "scroll.end" : "scroll.more")
        }
        Row {
            id: buttons

            anchors.bottom: parent.bottom
            anchors.right: parent.right
            spacing: Theme.gap

            StepButton {
                enabled: !view.atYBeginning
                iconName: "chevron-up"
                objectName: "scroll:up"
                say: Words.text("scroll.up")
                onAct: area.turn(-0.8)
            }
            StepButton {
                enabled: !view.atYEnd
                iconName: "chevron-down"
                objectName: "scroll:down"
                say: Words.text("scroll.down")
                onAct: area.turn(0.8)
            }
        }
    }
}
