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
    property bool grand: false  // one of very few

    Accessible.checkable: true
    Accessible.checked: selected
    Accessible.description: hint
    Accessible.role: several ? Accessible.CheckBox : Accessible.RadioButton
    implicitHeight: Math.max(grand ? Theme.mm(60) : Theme.tile, implicitContentHeight + topPadding + bottomPadding)
    bottomPadding: Theme.mm(3)
    topPadding: Theme.mm(3)
    implicitWidth: 0
    leftPadding: Theme.mm(5.5)
    repeatTime: 0
    rightPadding: Theme.mm(4.4)

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
            height: control.grand ? Theme.mm(36) : Theme.badge
            radius: control.grand ? Theme.radius : Theme.smallRadius
            visible: control.iconName !== ""
            width: height

            Icon {
                anchors.centerIn: parent
                colour: control.selected ? Theme.accentInk : Theme.accent
                name: control.iconName
                size: badge.height * 0.52
            }
        }
        Column {
            id: words

            anchors.left: parent.left
            anchors.leftMargin: badge.visible ? badge.width + Theme.mm(5) : Theme.mm(2)
            anchors.right: parent.right
            anchors.rightMargin: control.ticked ? tick.size - Theme.mm(2) : 0  // kept free, so that nothing moves when it appears
            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.mm(0.5)

            Label {
                bold: control.grand
                even: true
                lineHeight: 0.95
                size: control.grand ? Theme.headingText : Theme.bodyText
                text: control.text
                width: parent.width
            }
            Label {
                color: Theme.muted
                even: true
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
