pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// Things of which there may be several, added one by one: change, remove, add another.
Page {
    id: page

    readonly property var body: Bridge.state.body
    readonly property var rows: body.rows ?? []
    property string asked: ""  // the row of which one is asked whether it is to go

    function ask(target: string): void {
        asked = target;
        Touch.screenChanged();  // what lies under the finger is another button now
    }

    spacing: Theme.gap

    onRowsChanged: asked = ""

    Label {
        color: Theme.muted
        even: true
        text: Words.text("list.empty")
        visible: page.rows.length === 0
        width: parent.width
    }
    Repeater {
        model: page.rows

        MemberCard {
            required property int index
            required property var modelData

            asking: page.asked === modelData.target
            canRemove: modelData.can_remove
            label: modelData.label
            lines: modelData.lines
            number: index + 1
            target: modelData.target
            unfinished: modelData.unfinished
            width: page.contentWidth

            onAsked: page.ask(modelData.target)
            onKept: page.ask("")
        }
    }
    Item {
        height: Math.max(amount.implicitHeight, Theme.mm(12))
        visible: amount.text !== ""
        width: parent.width

        Label {
            id: amount

            anchors.verticalCenter: parent.verticalCenter
            bold: true
            even: true
            objectName: "list:total"
            size: Theme.headingText
            text: page.body.total ?? ""
            width: parent.width
        }
    }
    SecondaryButton {
        iconName: "plus"
        objectName: "button:add"
        text: (page.body.add ?? "") === "" ? Words.text("list.add") : page.body.add
        visible: page.body.can_add === true
        width: parent.width

        onAct: Bridge.visit.touch("add")
    }
}
