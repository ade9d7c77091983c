import QtQuick
import "../theme"

// A large choice: icon, words, a hint, and a tick when it is chosen.
Pressable {
    id: control

    property string iconName: ""
    property string hint: ""
    property bool selected: false
    property bool several: false
    property bool ticked: true

    Accessible.checkable: true
    Accessible.checked: selected
    Accessible.description: hint
    Accessible.role: several ? Accessible.CheckBox : Accessible.RadioButton
    implicitHeight: Math.max(Theme.tile, implicitContentHeight + topPadding + bottomPadding)
    bottomPadding: Theme.mm(2.6)
    topPadding: Theme.mm(2.6)
    implicitWidth: 0
    leftPadding: Theme.mm(6.6)
    repeatTime: 0
    rightPadding: Theme.mm(6.6)

    background: Rectangle {
        border.color: control.selected ? Theme.accent : Theme.outline
        border.width: control.selected ? Theme.thickLine : Theme.hairline
        color: control.selected ? (control.down ? Theme.softPressed : Theme.soft) : (control.down ? Theme.soft : Theme.surface)
        radius: Theme.radius
    }
    contentItem: Item {
        implicitHeight: Math.max(words.implicitHeight, badge.visible ? badge.height : 0)

        Rectangle {
            id: badge

            anchors.verticalCenter: parent.verticalCenter
            color: control.selected ? Theme.accent : Theme.soft
            height: Theme.badge
            radius: Theme.smallRadius
            visible: control.iconName !== ""
            width: Theme.badge

            Icon {
                anchors.centerIn: parent
                colour: control.selected ? Theme.accentInk : Theme.accent
                name: control.iconName
                size: Theme.mm(11.6)
            }
        }
        Column {
            id: words

            anchors.left: parent.left
            anchors.leftMargin: badge.visible ? badge.width + Theme.mm(6.6) : Theme.mm(2)
            anchors.right: parent.right
            anchors.rightMargin: control.ticked ? tick.size - Theme.mm(2) : 0  // kept free, so that nothing moves when it appears
            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.mm(0.5)

            Label {
                lineHeight: 0.95
                text: control.text
                width: parent.width
            }
            Label {
                color: Theme.muted
                size: Theme.smallText
                text: control.hint
                visible: text !== ""
                width: parent.width
            }
        }
        Icon {
            id: tick

            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            colour: Theme.accent
            name: "check"
            anchors.rightMargin: -Theme.mm(2)
            size: Theme.mm(11)
            visible: control.selected
        }
    }
}
